"""What a dataset that is published has to say of its rights. None of it changes what is made."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from evolve.config.base import Section

# fmt: off
LICENSES = frozenset({
    "afl-3.0", "agpl-3.0", "apache-2.0", "apple-amlr", "apple-ascl", "artistic-2.0", "bigcode-openrail-m",
    "bigscience-bloom-rail-1.0", "bigscience-openrail-m", "bsd", "bsd-2-clause", "bsd-3-clause", "bsd-3-clause-clear",
    "bsl-1.0", "c-uda", "cc", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0", "cc-by-nc-3.0",
    "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc0-1.0", "cdla-permissive-1.0", "cdla-permissive-2.0",
    "cdla-sharing-1.0", "creativeml-openrail-m", "deepfloyd-if-license", "ecl-2.0", "epl-1.0", "epl-2.0",
    "etalab-2.0", "eupl-1.1", "eupl-1.2", "gemma", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "h-research",
    "intel-research", "isc", "lgpl", "lgpl-2.1", "lgpl-3.0", "lgpl-lr", "llama2", "llama3", "llama3.1", "llama3.2",
    "llama3.3", "llama4", "lppl-1.3c", "mit", "mpl-2.0", "ms-pl", "ncsa", "odbl", "odc-by", "ofl-1.1", "openmdw-1.0",
    "openrail", "openrail++", "osl-3.0", "pddl", "postgresql", "unlicense", "wtfpl", "zlib",
})
# fmt: on
"""Identifiers that the Hub knows (huggingface.co/docs/hub/repositories-licenses), but for `other` and `unknown`."""
_OTHER = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}")


def known_license(name: str) -> str:
    """`name` in the Hub's spelling. Raises ValueError where it is neither one of the Hub's nor can be a name at all."""
    lower = name.strip().lower()
    if not _OTHER.fullmatch(lower) or lower in {"other", "unknown"}:
        raise ValueError(
            "give an identifier of huggingface.co/docs/hub/repositories-licenses, such as apache-2.0 or cc-by-4.0, or "
            "the name of another licence in lower-case letters, digits, dots and dashes, with publish.license_link"
        )
    return lower


Said = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class PublishConfig(Section):
    """What may be done with the dataset. A run needs none of it; `evolve push` does not go without."""

    license: Annotated[str, AfterValidator(known_license)] | None = None
    """Of the dataset: an identifier of the Hub, or another name with `license_link`."""
    license_link: Said | None = None
    """Where the text of a licence can be read that the Hub does not know."""
    seeds_license: Said | None = None
    """Of the seeds, in a few words or as a URL: every row is derived from one."""
    teacher_terms: Said | None = None
    """What the models' providers allow to be done with what they write, in a few words or as a URL."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that have to be set before the dataset can be published."""
        needed = {"license": self.license, "seeds_license": self.seeds_license, "teacher_terms": self.teacher_terms}
        if self.license is not None and self.license not in LICENSES:
            needed["license_link"] = self.license_link
        return tuple(f"publish.{name}" for name, value in needed.items() if value is None)
