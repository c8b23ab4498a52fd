"""A router is chosen between two candidates: one approved on a condition, the other declined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.diligence_firm import ASKED, HARRIER, KESTREL, Firm, founded, with_market

SOC = "SC-1"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """Two candidates; Kestrel is approved on a condition and signed, Harrier declined."""
    firm = founded(tmp_path_factory.mktemp("diligence"))
    with_market(firm)
    for who, provider in (("Kes", KESTREL), ("Har", HARRIER)):
        said = ("--purpose", "selection", "--comparison", "router 2026")
        firm.does("Ann", "vendor", "open", provider, *said)
        firm.answers(who, "DD-1" if who == "Kes" else "DD-2", without=(SOC,))
    firm.does("Kes", "case", "answer", "DD-1", "--item", SOC, "--reason", "SOC 2 is under way")
    firm.recommends("DD-1", "approve with conditions")
    firm.does("Ann", "case", "condition", "DD-1", "--item", SOC, "--to", "Cora", "--due",
              "2026-06-30", "--reason", "the SOC 2 report")  # fmt: skip
    firm.does("Ann", "case", "rate", "DD-2", "--choice", "high", "--reason", "did not answer")
    firm.does("Ann", "case", "recommend", "DD-2", "--choice", "decline", "--reason", "no controls")
    firm.does("Ann", "vendor", "compare", "DD-1", "DD-2", "--out", firm.home.parent / "two.pdf")
    firm.does("Mia", "vendor", "report", "DD-1", "--out", firm.home.parent / "draft.pdf")
    firm.decides("Mia", "DD-1", "approve")
    firm.decides("Cho", "DD-2", "decline")
    firm.finishes("DD-1")
    firm.finishes("DD-2")
    return firm


def said_by(path: Path) -> str:
    pages = pypdf.PdfReader(path).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def provider(firm: Firm, name: str) -> dict[str, Any]:
    told = firm.does("Ann", "vendor", "list", "--json").json["providers"]
    return next(dict(each) for each in told if each["provider"] == name)


def test_what_is_approved_is_presented_and_signed(firm: Firm) -> None:
    kestrel = provider(firm, KESTREL)

    assert firm.state("DD-1") == firm.state("DD-2") == "signed"
    assert (kestrel["decided"], kestrel["risk"]) == ("approved", "medium")
    assert kestrel["approved until"] == "2027-03-03"
    assert kestrel["refresh from"] == "2027-01-17"
    assert provider(firm, HARRIER)["approved until"] is None
    firm.does("", "verify")


def test_a_condition_waits_until_somebody_says_that_it_is_met(firm: Firm) -> None:
    (waits,) = provider(firm, KESTREL)["conditions"]
    assert (waits["about"], waits["owner"], waits["due"]) == (SOC, "Cora", "2026-06-30")

    why = firm.refused("Ann", "case", "meet", "DD-1", "--item", "VC-1", "--reason", "x")
    firm.does("Cora", "case", "meet", "DD-1", "--item", SOC, "--reason", "report of May, clean")

    assert "no condition about VC-1 is open; SC-1 are" in why
    assert provider(firm, KESTREL)["open conditions"] == 0


def test_the_report_says_what_was_decided_and_of_what(firm: Firm) -> None:
    draft, final = (said_by(firm.home.parent / name) for name in ("draft.pdf", "DD-1.pdf"))

    assert "Draft for the committee" in draft
    assert "The committee has yet to decide" in draft
    assert "For presentation to senior management" in final
    assert "minutes of March" in final
    assert "the SOC 2 report" in final
    assert "XNAS" in final
    assert "used, not stated" in final
    for question in ASKED.questions:
        assert question.id in final


def test_the_report_is_a_document_of_the_case(firm: Firm) -> None:
    shown = firm.does("Sen", "case", "show", "DD-1", "--json").json
    (kept,) = (each for act in shown["acts"] if act["step"] == "report"
               for each in act["documents"])  # fmt: skip
    target = firm.home.parent / "again.pdf"

    firm.does("Sen", "case", "document", "DD-1", kept["digest"][:12], "--out", target)

    assert target.read_bytes() == (firm.home.parent / "DD-1.pdf").read_bytes()
    assert "it is signed" in firm.refused("Cora", "vendor", "report", "DD-1", "--out", target)


def test_candidates_stand_side_by_side(firm: Firm) -> None:
    told = firm.does("Cho", "vendor", "compare", "DD-1", "DD-2", "--json").json
    rows = {row["what"]: row for row in told["overview"]}

    assert (rows["risk"][KESTREL], rows["risk"][HARRIER]) == ("medium", "high")
    assert rows["not answered"][HARRIER] == "SC-1, IL-5"
    assert told["answers"]["VC-1"] == {"DD-1": "Kes on VC-1", "DD-2": "Har on VC-1"}
    assert "no controls" in said_by(firm.home.parent / "two.pdf")
    assert "name two cases" in firm.refused("Cho", "vendor", "compare", "DD-1", "DD-1")


def test_a_provider_sees_its_own_case_and_no_report(firm: Firm) -> None:
    assert firm.does("Har", "vendor", "list", "--json").json["providers"][0]["case"] == "DD-2"
    assert "no due diligence" in firm.refused("Har", "vendor", "questions", "DD-1")
    said = ("--item", "VC-1", "--reason", "x")
    assert "not a matter with your firm" in firm.refused("Har", "case", "answer", "DD-1", *said)
    assert "not allowed" in firm.refused("Har", "vendor", "report", "DD-2", "--out", "x.pdf")
    assert "not allowed" in firm.refused("Har", "vendor", "liquidity")


def test_liquidity_is_computed_from_trades_and_set_beside_list_and_fills(firm: Firm) -> None:
    target = firm.home.parent / "sources.csv"
    told = firm.does("Ann", "vendor", "liquidity", "--json", "--out", target).json
    by_venue = {row["venue"]: row for row in told["venues"]}

    assert {name: row["gaps"] for name, row in by_venue.items()} == {
        "XNYS": "",
        "XNAS": "1 material, no fill",
        "EDGX": "1 material, not reached",
        "IEXG": "",
        "FINN": "1 venue not told",
        "WHSA": "1 used, not stated",
    }
    assert by_venue["XNYS"]["part of volume"] == "0.600000000000"
    assert "Of 1 of them no trades are held: unknown." in told["over"]
    assert len(target.read_text().splitlines()) == 7
