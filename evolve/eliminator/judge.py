"""The judge: a model is asked, one question at a time, what the words of a candidate do not show.

Questions are asked in the order of the reasons and end with the first rejection. Each is put to a vote; the order of
the texts is swapped from vote to vote, because models favour a place; it ends as soon as the majority is certain, which
with three votes that agree saves the third (the votes of one question follow each other for that: a run has other
candidates to fill its slots with). Three-valued: a tie, too many votes that are unsure, unreadable or failed leave the
question undecided, which is a policy of the config and never a silent yes or no. Invariant: which calls are made, and
what they come to, depends on the candidate, the config and the replies alone; every call has a digest of its own, so
a ledger can keep each and none is paid for twice.

    findings = await Judge(role, config).ask(candidate, call)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from evolve.checks.candidate import Candidate, Subject, rounded
from evolve.config import EliminatorConfig, RoleConfig
from evolve.eliminator.questions import REMINDER, SCHEMA, Question, Vote, contamination, questions, read_vote
from evolve.errors import ConfigError
from evolve.records import Finding, Reply, Request, Verdict, digest
from evolve.teacher.messages import MalformedError, make_request, read_text

Ask = Callable[[Request], Awaitable[Reply | str]]
"""One call: the reply, or in words the error that it ended in for good."""


class Judge:
    name = "judge"
    version = 2

    def __init__(self, role: RoleConfig, config: EliminatorConfig) -> None:
        """Raises ConfigError for a question that there is not, or votes that would be one call over and over."""
        check_questions(config)
        if config.votes > 2 and role.temperature == 0:
            raise ConfigError(
                f"eliminator.votes: {config.votes} votes at temperature 0 would be the same calls again (both orders "
                "of the texts make two); set teacher.judge.temperature above 0, or votes to 1 or 2"
            )
        self._role = role
        self._votes = config.votes
        self._benchmarks = bool(config.benchmarks)
        self._strict = config.undecided == "reject"
        self._contamination = contamination()
        self._questions = [question for name, question in questions().items() if name in config.questions]

    @property
    def contents(self) -> dict[str, str]:
        """What the run's identity holds of the prompts that are used."""
        asked = [*self._questions, self._contamination] if self._benchmarks else self._questions
        return {f"prompt.judge_{q.name}": digest(q.file, REMINDER, SCHEMA) for q in asked}

    def most(self, subject: Subject) -> int:
        """Calls that one candidate can cost at most in the pass over its instruction, or over its answer."""
        return sum(2 * self._rounds(question) for question in self._questions if question.subject == subject)

    @property
    def most_compared(self) -> int:
        """Calls that holding one row to one benchmark's item can cost at most."""
        return 2 * self._rounds(self._contamination)

    async def ask(self, candidate: Candidate, call: Ask) -> tuple[Finding, ...]:
        """One finding for each question asked; the last one may be a rejection.

        A candidate without an answer is asked about as an instruction, one with an answer about the answer alone.
        """
        findings: list[Finding] = []
        for question in self._questions:
            if question.suits(candidate):
                findings.append(await self._put(question, question.texts(candidate), call))
                if findings[-1].verdict is Verdict.REJECT:
                    break
        return tuple(findings)

    async def compare(self, item: str, row: str, call: Ask) -> Finding:
        """Whether a row of the data is a benchmark's item in other words; not answered is UNDECIDED, never clean."""
        return await self._put(self._contamination, {"item": item, "row": row}, call)

    async def _put(self, question: Question, texts: Mapping[str, str], call: Ask) -> Finding:
        """One question, to as many votes as it takes."""
        rounds = self._rounds(question)
        votes: list[Vote] = []
        while not _certain(votes, rounds):
            votes.append(await self._vote(question, texts, len(votes), call))
        return self._finding(question, votes, rounds)

    async def _vote(self, question: Question, texts: Mapping[str, str], number: int, call: Ask) -> Vote:
        """One vote; a reply without a verdict is asked for once more, in other words.

        And without the schema: with it some endpoints fill a reply with white space up to its limit.
        """
        orders = len(question.shows[:2])
        prompt = question.prompt(texts, swapped=number % orders == 1)
        problem = ""
        for words, schema in ((prompt, SCHEMA), (prompt + REMINDER, None)):
            request = make_request("judge", self._role, words)
            reply = await call(replace(request, reply_schema=schema, nth=number // orders))
            if isinstance(reply, str):
                return Vote("unsure", reply)
            try:
                vote = read_vote(read_text(reply))
            except MalformedError as error:
                problem = f"the judge's reply is {error}"
                if error.cause == "declined":  # and would be again
                    break
            else:
                if vote is not None:
                    return vote
                problem = "the judge gave no verdict"
        return Vote("unsure", problem)

    def _finding(self, question: Question, votes: list[Vote], rounds: int) -> Finding:
        counts = Counter(vote.word for vote in votes)
        need = rounds // 2 + 1
        word = "yes" if counts["yes"] >= need else "no" if counts["no"] >= need else "unsure"
        verdict = {"yes": Verdict.REJECT, "no": Verdict.ACCEPT, "unsure": Verdict.UNDECIDED}[word]
        reason = question.name if word == "yes" else None
        if verdict is Verdict.UNDECIDED and self._strict:
            verdict, reason = Verdict.REJECT, "undecided"
        why = next((vote.why for vote in votes if vote.word == word and vote.why), "") or _WORDS[word]
        tally = f"{counts['yes']} yes, {counts['no']} no, {counts['unsure']} unsure: " if rounds > 1 else ""
        scores = {name: counts[name] / len(votes) for name in ("yes", "no", "unsure")}
        return Finding(f"judge_{question.name}", self.version, verdict, reason, tally + why, rounded(scores))

    def _rounds(self, question: Question) -> int:
        """How often a question is put: a single text has no other order, so at temperature 0 there is one vote."""
        return 1 if self._role.temperature == 0 and len(question.shows) == 1 else self._votes


_WORDS = {"yes": "the judge says yes", "no": "the judge says no", "unsure": "the judge cannot tell"}


def check_questions(config: EliminatorConfig) -> None:
    """Raise ConfigError for a question that there is not."""
    known = questions()
    for name in config.questions:
        if name not in known:
            raise ConfigError(f"eliminator.questions: no question is named {name!r}; there are: {', '.join(known)}")


def _certain(votes: list[Vote], rounds: int) -> bool:
    """Whether the votes that are left cannot change what comes out."""
    counts = Counter(vote.word for vote in votes)
    lead, left = max(counts["yes"], counts["no"]), rounds - len(votes)
    need = rounds // 2 + 1
    return lead >= need or lead + left < need
