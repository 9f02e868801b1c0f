"""What a step leaves in a workflow of GitHub Actions: commands in its output, outputs, state, its summary, files.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from bot.adapters.workflow.artifact import Artifact, read_artifact
from bot.adapters.workflow.commands import Quiet, mask
from bot.adapters.workflow.folder import Folder, check_folder, open_folder
from bot.adapters.workflow.notes import Notes

__all__ = ["Artifact", "Folder", "Notes", "Quiet", "check_folder", "mask", "open_folder", "read_artifact"]
