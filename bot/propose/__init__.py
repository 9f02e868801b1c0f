"""From findings to fixes: templates filled in, several fixes of a document joined to one patch.

No gate is asked here and no text is edited; a fix leaves as JSON Patch with its reasons.
"""
