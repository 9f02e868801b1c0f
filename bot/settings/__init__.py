"""Settings: options before environment before the repository's `.k8s-auto-fix.yaml`, as one frozen object.

`model` is the data, `file` reads the text of the file, `load` finds it and puts the three together. Whether a policy or
a Kubernetes version exists is not known here: `load` is told what names mean, `Settings.check_policies` is asked later.
"""

from bot.settings.load import FILE_NAME, Meaning, load, load_text, repository_root
from bot.settings.model import Options, PolicySettings, Settings
from bot.settings.scheduler import SchedulerSettings

__all__ = [
    "FILE_NAME",
    "Meaning",
    "Options",
    "PolicySettings",
    "SchedulerSettings",
    "Settings",
    "load",
    "load_text",
    "repository_root",
]
