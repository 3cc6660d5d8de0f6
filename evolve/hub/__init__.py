"""Publishing a folder on the Hugging Face Hub; the only room that imports `huggingface_hub`.

`bundle` says which files are published and whether they may be, `client` speaks to the Hub and names its errors,
`pushing` brings the one to the other: one commit, or none. What is in the files is made elsewhere.
"""

from evolve.hub.bundle import Bundle, Part, gather
from evolve.hub.client import check_name, connect
from evolve.hub.pushing import Pushed, push

__all__ = ["Bundle", "Part", "Pushed", "check_name", "connect", "gather", "push"]
