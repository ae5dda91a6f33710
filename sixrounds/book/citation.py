"""The role {claim}`id`: after a sentence that states a fact, a small link to who says so.

It shows the source and the date it was reported, and leads to the row on the page of claims. An id
without a row is a warning, which ends a build of the book.
"""

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from sixrounds.book.claims import Claim
from sixrounds.editions.claim_links import TABLE

logger = logging.getLogger(__name__)


class ClaimRole(SphinxRole):
    """Cites a row of the table of claims, which the extension has put into the environment."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The superscript, or a warning and what the author wrote."""
        claims: dict[str, Claim] = self.env.six_rounds_claims  # type: ignore[attr-defined]
        claim = claims.get(self.text)
        if claim is None:
            known = ", ".join(claims) or "none yet"
            logger.warning(
                "claim %r has no row in %s; add one, or cite one of: %s",
                self.text,
                TABLE,
                known,
                location=self.get_location(),
                type="claim",
            )
            return [nodes.literal(self.rawtext, self.text)], []
        return [citation(claim, self.env.docname)], []


def citation(claim: Claim, page: str) -> nodes.Node:
    """A superscript that links to the claim's row."""
    shown = f"{claim.source}, {claim.date_reported}"
    link = addnodes.pending_xref(
        "",
        nodes.inline("", shown),
        refdomain="std",
        reftype="ref",
        reftarget=claim.target,
        refexplicit=True,
        refwarn=True,
        refdoc=page,
    )
    return nodes.superscript("", "", nodes.Text("["), link, nodes.Text("]"), classes=["claim"])
