"""Made-up Daily TAQ, in each layout: which rows are records, which others, and which refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from routewarden import sources
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.profile.keys import ProfileError
from routewarden.sources.profile.model import Profile
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.typed import Bounds

PROFILES = Path(next(iter(sources.__path__))) / "profiles"
BOUNDS = Bounds(0, 2 * 10**18)
SHARE = 10**8
Row = dict[str, object]

TRADES = (
    "Time|Exchange|Symbol|Sale Condition|Trade Volume|Trade Price|Trade Stop Stock Indicator"
    "|Trade Correction Indicator|Sequence Number|Trade Id|Source of Trade"
    "|Trade Reporting Facility|Participant Timestamp|Trade Reporting Facility TRF Timestamp"
    "|Trade Through Exempt Indicator"
)
QUOTES = (
    "Time|Exchange|Symbol|Bid_Price|Bid_Size|Offer_Price|Offer_Size|Quote_Condition"
    "|Sequence_Number|National_BBO_Ind|FINRA_BBO_Indicator|FINRA_ADF_MPID_Indicator"
    "|Quote_Cancel_Correction|Source_Of_Quote"
)
BBO = (
    f"{QUOTES}|Retail_Interest_Indicator|Short_Sale_Restriction_Indicator|LULD_BBO_Indicator"
    "|SIP_Generated_Message_Identifier|National_BBO_LULD_Indicator|Participant_Timestamp"
    "|FINRA_ADF_Timestamp|FINRA_ADF_Market_Participant_Quote_Indicator|Security_Status_Indicator"
)
NBBO = (
    f"{QUOTES}|Best Bid Quote Condition|Best_Bid_Exchange|Best_Bid_Price|Best_Bid_Size"
    "|Best_Bid_FINRA_Market_Maker_ID|Best_Offer_Quote_Condition|Best_Offer_Exchange"
    "|Best_Offer_Price|Best_Offer_Size|Best_Offer_FINRA_Market_Maker_ID|LULD_Indicator"
    "|LULD_NBBO_Indicator|SIP_Generated_Message_Identifier|Participant_Timestamp"
    "|FINRA_ADF_Timestamp|Security_Status_Indicator"
)


def profile(name: str) -> Profile:
    return read_profile((PROFILES / f"{name}.toml").read_text())


def read(
    kind: Kind, text: str, name: str = "", dialect: str = "taq"
) -> tuple[list[Row], int, list[Reject]]:
    """Return the records, how many rows are neither, and the rejects."""
    given = Given(BOUNDS, name or "EQY_US_ALL_TRADE_20180102.gz")
    batches = list(read_profiled(TABLES[kind], text.encode(), profile(dialect), given))
    records = [row for batch in batches for row in batch.records.to_dicts()]
    rejects = [reject for batch in batches for reject in batch.rejects]
    return records, sum(batch.others for batch in batches), rejects


def only(rows: list[Row], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def trade(
    time: str = "093000123456789", *, at: str = "N", cond: str = "@", corr: str = "00"
) -> str:
    facility = at[1:]
    return f"{time}|{at[0]}|BRK B|{cond}|5|67.505||{corr}|17|1|C|{facility}|093000123000000||0"


class TestTrades:
    def test_are_told_to_the_nanosecond_in_eastern_time(self) -> None:
        records, others, rejects = read(
            Kind.TRADES, f"{TRADES}\n{trade(cond='@ TI')}\nEND|20180102|1||||||||||||\n"
        )
        assert (others, rejects) == (1, [])
        (row,) = records
        assert row["at"] == 1_514_903_400_123_456_789  # 14:30 UTC: in January, five hours on
        assert (row["symbol"], row["price"], row["size"]) == ("BRK B", 6_750_500_000, 5 * SHARE)
        assert (row["venue"], row["conditions"]) == ("XNYS", "@ TI")
        assert row["x_Participant Timestamp"] == "093000123000000"
        assert row["line"] == 2

    def test_that_are_cancelled_or_wrong_are_others(self) -> None:
        codes = ("00", "01", "07", "08", "10", "11", "12")
        lines = "\n".join(trade(corr=code) for code in codes)
        records, others, rejects = read(Kind.TRADES, f"{TRADES}\n{lines}\n")
        assert ([row["line"] for row in records], others, rejects) == ([2, 3], 5, [])

    def test_have_conditions_without_the_blanks_around_them(self) -> None:
        lines = "\n".join(trade(cond=cond) for cond in ("@   ", "    ", "", "@F I", " F  "))
        records, _, _ = read(Kind.TRADES, f"{TRADES}\n{lines}\n")
        assert [row["conditions"] for row in records] == ["@", None, None, "@F I", "F"]

    def test_name_the_venue_by_its_mic_and_the_facility_off_exchange(self) -> None:
        letters = ("Q", "T", "K", "D", "DN", "DB", "DQ", "?")
        lines = "\n".join(trade(at=letter) for letter in letters)
        records, _, _ = read(Kind.TRADES, f"{TRADES}\n{lines}\n")
        venues = ["XNAS", "XNAS", "EDGX", "FINR", "FINY", "FINC", "FINN", "?"]
        assert [row["venue"] for row in records] == venues

    def test_at_a_time_that_is_none_are_refused_in_the_words_of_the_file(self) -> None:
        _, _, (reject,) = read(Kind.TRADES, f"{TRADES}\n{trade('0930001234')}\n")
        assert (reject.line, reject.reason, reject.column) == (2, Reason.NOT_AN_INSTANT, "Time")
        assert "'0930001234'" in reject.detail

    @pytest.mark.parametrize("name", ["trades.psv", "EQY_US_ALL_TRADE_20190102"])
    def test_are_of_the_date_of_the_trailer_whatever_the_name(self, name: str) -> None:
        text = f"{TRADES}\n{trade('093000000000000')}\nEND|20180102|1\n"
        records, _, _ = read(Kind.TRADES, text, name)
        assert [row["at"] for row in records] == [1_514_903_400 * 10**9]

    def test_of_a_file_that_states_no_date_are_refused(self) -> None:
        records, _, (reject,) = read(Kind.TRADES, f"{TRADES}\n{trade()}\n", name="trades.psv")
        assert (records, reject.reason) == ([], Reason.NO_DATE)
        assert "line -1 of the file states no date" in reject.detail
        assert "the file's name 'trades.psv' states no date" in reject.detail

    def test_as_wrds_extracts_them(self) -> None:
        text = (
            "DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,TR_SCOND,SIZE,PRICE,TR_CORR\n"
            "20180702,9:30:00.012345678,D,BRK,B,@,7,190.01,00\n"
            "20180702,10:00:00.5,N,A,,,100,61,00\n"
            "20180702,10:00:01,N,A,,,100,61,08\n"
        )
        records, others, rejects = read(Kind.TRADES, text, name="ct.csv")
        assert (others, rejects) == (1, [])
        assert only(records, "symbol", "at", "venue", "conditions") == [
            ("BRK B", 1_530_538_200_012_345_678, "FINR", "@"),
            ("A", 1_530_540_000_500_000_000, "XNYS", None),
        ]

    def test_in_commas_and_utc(self) -> None:
        text = (
            "DT,EX,SYMBOL,COND,SIZE,PRICE,CORR\n"
            "2018-01-02T14:30:00.123456,P,ABC,F I,2,157.8,0\n"
            "2018-01-02T14:30:01,P,ABC, ,2,157.8,10\n"
        )
        records, others, rejects = read(Kind.TRADES, text, name="trades.csv")
        assert (others, rejects) == (1, [])
        assert only(records, "at", "conditions") == [(1_514_903_400_123_456_000, "F I")]


def quote(mark: str = "G", source: str = "C", cancel: str = "", bid: str = "67.50|1") -> str:
    blanks = "|" * 9
    return f"093000000000001|P|A|{bid}|67.52|12|R|33|{mark}| ||{cancel}|{source}{blanks}"


def best(bid: str = "67.50|1") -> str:
    event = "093000000000002|P|A|67.50|1|67.60|2|R|34|C| |||C"
    return f"{event}|R|P|{bid}||R|K|67.52|12|| |A|||| "


class TestQuotes:
    def test_of_the_nbbo_file_are_the_best_of_all_venues(self) -> None:
        records, others, rejects = read(
            Kind.QUOTES, f"{NBBO}\n{best()}\nEND|20180102|1\n", "EQY_US_ALL_NBBO_20180102"
        )
        assert (others, rejects) == (1, [])
        columns = ("at", "bid", "bid_size", "ask", "ask_size", "condition", "seq")
        prices = (6_750_000_000, 100 * SHARE, 6_752_000_000, 1200 * SHARE)
        assert only(records, *columns) == [(1_514_903_400_000_000_002, *prices, "A", 34)]

    def test_of_a_venue_file_are_those_marked_as_the_nbbo_and_not_cancelled(self) -> None:
        rows = (
            *(("1", "C", ""), ("G", "C", "A"), ("4", "N", "")),
            *(("A", "C", ""), ("4", "C", ""), ("1", "N", ""), ("G", "C", "B"), (" ", "N", "")),
        )
        lines = "\n".join(quote(*row) for row in rows)
        text, name = f"{BBO}\n{lines}\nEND|20180102|8\n", "SPLITS_US_ALL_BBO_A_20180102"
        records, others, rejects = read(Kind.QUOTES, text, name)
        assert ([row["line"] for row in records], others, rejects) == ([2, 3, 4], 6, [])
        records, others, rejects = read(Kind.VENUE_QUOTES, text, name)
        assert (len(records), others, rejects) == (8, 1, [])
        assert only(records[:1], "venue", "bid_size", "condition") == [("ARCX", 100 * SHARE, "R")]

    def test_of_venues_are_not_taken_from_the_nbbo_file(self) -> None:
        _, _, (reject,) = read(Kind.VENUE_QUOTES, f"{NBBO}\n{best()}\n")
        assert reject.reason == Reason.NO_COLUMNS
        assert reject.detail.endswith("its columns are those of quotes")

    @pytest.mark.parametrize(
        ("day", "shares"), [("20251102", 100), ("20251103", 1), ("20180102", 100), ("20260701", 1)]
    )
    def test_have_sizes_in_round_lots_until_november_2025_then_in_shares(
        self, day: str, shares: int
    ) -> None:
        expected = [(40 * shares * SHARE, 12 * shares * SHARE)]
        for kind, text in (
            (Kind.VENUE_QUOTES, f"{BBO}\n{quote(bid='67.50|40')}\n"),
            (Kind.QUOTES, f"{NBBO}\n{best('67.50|40')}\n"),
        ):
            records, _, rejects = read(kind, text, f"FILE_{day}")
            assert (only(records, "bid_size", "ask_size"), rejects) == (expected, [])

    def test_without_a_side_have_none(self) -> None:
        records, _, rejects = read(Kind.VENUE_QUOTES, f"{BBO}\n{quote(bid='0|0')}\n")
        assert (only(records, "bid", "bid_size"), rejects) == ([(None, 0)], [])

    def test_as_wrds_extracts_them(self) -> None:
        head = "DATE,TIME_M,EX,BID,BIDSIZ,ASK,ASKSIZ,QU_COND,QU_SEQNUM,NATBBO_IND,QU_CANCEL"
        text = (
            f"{head},QU_SOURCE,SYM_ROOT,SYM_SUFFIX\n"
            "20180702,9:30:00.5,P,10,1,10.01,2,R,7,G,,C,A,\n"
            "20180702,9:30:00.6,Q,10,1,10.01,2,R,8,4,,N,A,\n"
            "20180702,9:30:00.7,P,10,1,10.01,2,R,9,A,,C,A,\n"
        )
        records, others, rejects = read(Kind.QUOTES, text, "cq.csv")
        assert (only(records, "seq", "bid_size"), others, rejects) == (
            [(7, 100 * SHARE), (8, 100 * SHARE)],
            1,
            [],
        )
        records, _, _ = read(Kind.VENUE_QUOTES, text, "cq.csv")
        assert [row["venue"] for row in records] == ["ARCX", "XNAS", "ARCX"]

    @pytest.mark.parametrize(("size", "shares"), [("SIZ", 100), ("SIZESHARES", 1)])
    def test_as_wrds_extracts_the_nbbo(self, size: str, shares: int) -> None:
        names = f"BEST_BID,BEST_BID{size},BEST_ASK,BEST_ASK{size}"
        text = f"DATE,TIME_M,SYM_ROOT,SYM_SUFFIX,{names}\n20180702,9:30:00,A,,10,3,10.01,4\n"
        records, _, rejects = read(Kind.QUOTES, text, "nbbom.csv")
        assert rejects == []
        assert only(records, "bid_size", "ask_size") == [(3 * shares * SHARE, 4 * shares * SHARE)]

    def test_that_nothing_marks_as_the_nbbo_are_venue_quotes(self) -> None:
        text = "DT,EX,BID,BIDSIZ,OFR,OFRSIZ,SYMBOL\n2018-07-02T13:30:00.5,N,10,1,10.01,2,ABC\n"
        records, _, (reject,) = read(Kind.QUOTES, text, "quotes.csv")
        assert (records, reject.reason) == ([], Reason.NO_COLUMNS)
        assert reject.detail.endswith("its columns are those of venue-quotes")
        records, _, rejects = read(Kind.VENUE_QUOTES, text, "quotes.csv")
        assert rejects == []
        assert only(records, "at", "venue", "bid", "bid_size") == [
            (1_530_538_200_500_000_000, "XNYS", 10**9, 100 * SHARE)
        ]


HEAD = " N02062014 Record Count :       3" + " " * 62


def old_quote(*, mark: str, source: str, cancel: str = "A", more: str = "") -> str:
    symbol = f"{'BRK':6}{'B':10}"
    prices = f"{'1234500':>011}{'3':>07}{'1234600':>011}{'12':>07}"
    return f"093000001P{symbol}{prices}R    PP{'42':>016}{mark}{cancel}{source}{more:7}"


class TestQuotesOfFixedWidth:
    text = "\r\n".join(
        (
            HEAD,
            old_quote(mark="12", source="C"),
            old_quote(mark=" 4", source="N", cancel=" ", more="      AX"),
            old_quote(mark="02", source="C"),
            old_quote(mark="12", source="C", cancel="B"),
            old_quote(mark=" 4", source="C")[:-1],
            "",
        )
    )

    def test_are_told_in_eastern_time_with_four_implied_decimals(self) -> None:
        records, _, _ = read(Kind.VENUE_QUOTES, self.text, "bbo", "taq-2014")
        (first, *_) = records
        assert len(records) == 4
        assert first["at"] == 1_391_697_000_001_000_000
        assert (first["symbol"], first["venue"], first["seq"]) == ("BRK B", "ARCX", 42)
        assert (first["bid"], first["bid_size"]) == (12_345_000_000, 300 * SHARE)
        assert (first["ask"], first["ask_size"]) == (12_346_000_000, 1200 * SHARE)
        assert [row["x_National_BBO_LULD_Indicator"] for row in records] == [None, "A", None, None]

    def test_are_the_nbbo_where_a_plan_marks_them_so(self) -> None:
        records, others, (reject,) = read(Kind.QUOTES, self.text, "bbo", "taq-2014")
        assert ([row["line"] for row in records], others) == ([2, 3], 2)
        assert (reject.line, reject.reason) == (6, Reason.RAGGED)

    def test_of_a_file_that_states_no_date_are_refused(self) -> None:
        _, _, (reject,) = read(Kind.QUOTES, self.text.replace(HEAD, "x"), "bbo", "taq-2014")
        assert reject.reason == Reason.NO_DATE


def test_trades_of_fixed_width_are_told_with_four_implied_decimals() -> None:
    def line(corr: str, facility: str) -> str:
        symbol, seq = f"{'BRK':6}{'B':10}", f"{'7':>016}"
        return f"160000999D{symbol}@ TI000000005{'1234567':>011} {corr}{seq}C{facility}"

    text = "\r\n".join((HEAD, line("00", "Q"), line("08", "Q"), line("01", " "), ""))
    name = "EQY_US_ALL_TRADE_20140206"
    records, others, rejects = read(Kind.TRADES, text, name, "taq-2014-trades")
    assert (others, rejects) == (1, [])
    columns = ("symbol", "at", "price", "size", "venue", "conditions")
    rest = ("BRK B", 1_391_720_400_999_000_000, 12_345_670_000, 5 * SHARE)
    expected = [(*rest, "FINN", "@ TI"), (*rest, "FINR", "@ TI")]
    assert only(records, *columns) == expected


def test_a_date_that_is_sought_nowhere_is_a_mistake() -> None:
    with pytest.raises(ProfileError, match="where is it"):
        read_profile('name = "a"\n[time]\nform = "%H%M"\ndate = []\n')


class TestAFactorThatEnds:
    start = 'name = "a"\n[time]\nzone = "UTC"\n'

    def _profile(self, at: str, size: str, kind: str = "venue-quotes") -> str:
        columns = f'symbol = "S"\nvenue = "V"\nat = {at}\nbid_size = {size}\n'
        return f'{self.start}[[table]]\nkind = "{kind}"\n[table.columns]\n{columns}'

    def test_is_that_of_the_record_s_trading_date_whatever_states_it(self) -> None:
        text = self._profile(
            '{value = "2026-07-01T00:00:00Z"}',
            '{column = "Q", times = "2.5", times_until = 2026-06-30}',
        )
        given = Given(BOUNDS, "")
        (batch,) = read_profiled(
            TABLES[Kind.VENUE_QUOTES], b"S,V,Q\nA,N,4\nA,N,\n", read_profile(text), given
        )
        assert batch.records["bid_size"].to_list() == [10 * SHARE, None]

    def test_leaves_a_record_without_an_instant_to_be_refused(self) -> None:
        text = self._profile(
            '{column = "T", optional = true}',
            '{column = "Q", times = "2", times_until = 2026-06-30}',
        )
        given = Given(BOUNDS, "")
        (batch,) = read_profiled(
            TABLES[Kind.VENUE_QUOTES], b"S,V,Q\nA,N,4\n", read_profile(text), given
        )
        assert [reject.reason for reject in batch.rejects] == [Reason.MISSING]

    def test_needs_a_factor(self) -> None:
        with pytest.raises(ProfileError, match=r"times_until.*state times as well"):
            read_profile(self._profile('"T"', '{column = "Q", times_until = 2026-06-30}'))

    def test_needs_a_date(self) -> None:
        amount = 'amount = {column = "A", times = "2", times_until = 2026-06-30}'
        columns = f'kind = "payments"\n[table.columns]\n{amount}\n'
        with pytest.raises(ProfileError, match="payments have no date"):
            read_profile(f"{self.start}[[table]]\n{columns}")
