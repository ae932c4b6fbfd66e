"""What the figures stand on: the contract, what was excluded and by whom, the monitor's record, how to verify."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.paper.blocks import Block, Heading, Items, Paragraph, Table, Tone
from monitor.sheet.telling import Plain, Telling, columns

MOST_EXCLUSIONS = 40
MOST_SPELLS = 10


def contract(statement: Plain, telling: Telling) -> Iterator[Block]:
    found = statement["contract"]
    terms = found["terms"]
    yield Heading(telling.say("contract"))
    if found["since"] is not None:
        yield Paragraph(telling.say("terms since", since=telling.moment(found["since"])))
    texts = [
        telling.say("term working", rung=telling.word("rung", terms.get("working", "media"))),
        telling.say("term path" if terms.get("path", True) else "term no path"),
        telling.say("term credentials" if terms.get("credentials", True) else "term no credentials"),
        telling.say(
            "term excused", kinds=telling.say("and").join(telling.word("planned", k) for k in terms["excused"]) or "–"
        ),
    ]
    if "target" in terms:
        texts.append(telling.say("term target", target=telling.percent(terms["target"])))
    texts += [_slab(one, terms, telling) for one in terms.get("slabs", [])]
    if "cap" in terms:
        texts.append(telling.say("term cap", cap=telling.percent(terms["cap"])))
    yield Items(tuple(texts))
    if len(found["versions"]) > 1:
        yield Table(
            telling.say("all versions caption"),
            columns(telling, "terms since", "until", "target", numbers=("target",), wide="terms since"),
            tuple(
                (
                    telling.moment(one["since"]),
                    telling.moment(one["until"]),
                    telling.percent(one["terms"].get("target")) if isinstance(one["terms"].get("target"), str) else "–",
                )
                for one in found["versions"]
            ),
        )


def _slab(slab: Plain, terms: Plain, telling: Telling) -> str:
    below = telling.percent(slab["below"])
    if "share" in slab:
        return telling.say("term slab share", below=below, share=telling.percent(slab["share"]))
    amount = telling.money(slab["amount"])
    return telling.say("term slab amount", below=below, amount=amount, currency=terms["currency"])


def exclusions(statement: Plain, telling: Telling) -> Iterator[Block]:
    found = statement["exclusions"]
    yield Heading(telling.say("exclusions"))
    if not found:
        yield Paragraph(telling.say("no exclusions"))
        return
    late = sum(one["after_the_fact"] for one in found)
    yield Paragraph(telling.count("exclusions late", late) if late else telling.say("exclusions in time"))
    shown = found[:MOST_EXCLUSIONS]
    yield Table(
        telling.say("exclusions caption", n=telling.number(len(shown)), all=telling.number(len(found))),
        columns(
            telling,
            "what",
            "reason",
            "approver",
            "approved",
            "recorded",
            "excused",
            numbers=("excused",),
            wide="reason",
        ),
        tuple(
            (
                telling.word("planned", one["kind"]),
                telling.apart(one["reason"]),
                telling.apart(one["approver"]),
                telling.moment(one["approved_at"]),
                telling.moment(one["recorded_at"]) + (f" {telling.say('late mark')}" if one["after_the_fact"] else ""),
                telling.hours(one["excused_ms"]),
            )
            for one in shown
        ),
    )


def monitor(statement: Plain, telling: Telling) -> Iterator[Block]:
    found = statement["monitor"]
    yield Heading(telling.say("monitor"))
    texts = [
        telling.say(
            "vantage coverage",
            vantage=one["vantage"],
            share=telling.percent(one["coverage"]),
            blind=telling.length(one["blind_ms"]),
        )
        for one in found["vantages"]
    ]
    if found["events_lost"]:
        texts.append(telling.count("events lost", found["events_lost"]))
    yield Items(tuple(texts))
    if found["longest"]:
        yield Table(
            telling.say("blind caption"),
            columns(telling, "vantage", "from", "to", "length", "why", wide="why"),
            tuple(
                (
                    telling.apart(one["vantage"]),
                    telling.moment(one["start"]),
                    telling.moment(one["end"]),
                    telling.length(one["end"] - one["start"]),
                    telling.apart(one["why"]),
                )
                for one in found["longest"][:MOST_SPELLS]
            ),
        )
    for one in statement["limit_of_detection"]:
        yield _detection(one["rungs"], telling)


def _detection(limits: list[Plain], telling: Telling) -> Table:
    return Table(
        telling.say("detection caption"),
        columns(
            telling,
            "rung",
            "shortest outage",
            "shortest return",
            numbers=("shortest outage", "shortest return"),
            wide="rung",
        ),
        tuple(
            (telling.word("rung", one["rung"]), telling.length(one["outage_ms"]), telling.length(one["working_ms"]))
            for one in limits
        ),
    )


def not_computed(statement: Plain, telling: Telling) -> Iterator[Block]:
    yield Heading(telling.say("not computed"))
    found = statement["not_computed"]
    if not found:
        yield Paragraph(telling.say("all computed"))
        return
    yield Items(tuple(telling.say(f"not computed {one['what']}", about=one["about"]) for one in found))


def verify(statement: Plain, telling: Telling) -> Iterator[Block]:
    ledger = statement["ledger"]
    yield Heading(telling.say("verify"))
    yield Paragraph(telling.say("verify explained"))
    yield Items(
        (
            telling.say("verify origin", origin=ledger["origin"] or "–"),
            telling.say("verify leaves", n=telling.number(ledger["leaves"])),
            telling.say("verify root", root=ledger["root"]),
        )
    )
    yield Paragraph(telling.say("verify command"), Tone.QUIET)
