"""A Kubernetes API server to ask: found, started, talked to.

Here live the embedded server (kube-apiserver and etcd without Docker), kind, kubeconfigs, and the client they share.
Nothing here knows findings or fixes: objects go in, verdicts (`bot.verify.server`) come out.
"""
