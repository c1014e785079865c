"""What is said of wrong answers: agents' reports, with their status, and residents' unhelpful feedback."""

from sqlalchemy import select, update

from records.database import Database, insert_new, read_entry
from records.entries import AnswerReport, Complaint, FeedbackValue, ReportStatus, new_id, now
from records.errors import UnknownRecord
from records.tables import FeedbackRow, ReportRow, TurnRow

LISTED = 200
"""How many a page lists, the latest first."""


class Reports:
    """The reports. Every method may raise RecordsUnavailable; calls block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        agent_id: str,
        article_id: str,
        section: str | None,
        language: str,
        reason: str,
        question: str | None = None,
    ) -> AnswerReport:
        """Keep a report, its texts already masked.

        Raises:
            BadRecord: an identifier is longer than its column, or there is no such account.
        """
        report = AnswerReport(new_id(), agent_id, article_id, section, language, reason, question)
        with self._database.writing() as session:
            insert_new(session, ReportRow, **{**vars(report), "status": report.status.value})
        return report

    def all(self) -> tuple[AnswerReport, ...]:
        """Return the latest reports: the open ones first, then by date, the latest first."""
        query = (
            select(ReportRow)
            .order_by(ReportRow.status != ReportStatus.OPEN.value, ReportRow.at.desc())
            .limit(LISTED)
        )
        with self._database.reading() as session:
            return tuple(read_entry(AnswerReport, row) for row in session.scalars(query))

    def settle(self, report_id: str, status: ReportStatus, by: str) -> None:
        """Say what became of a report, or open it again; UnknownRecord when there is none."""
        is_open = status is ReportStatus.OPEN
        with self._database.writing() as session:
            found = session.execute(
                update(ReportRow)
                .where(ReportRow.id == report_id)
                .values(
                    status=status.value,
                    settled_by=None if is_open else by,
                    settled_at=None if is_open else now(),
                )
                .returning(ReportRow.id)
            ).first()
        if found is None:
            raise UnknownRecord(f"no report {report_id}")

    def complaints(self) -> tuple[Complaint, ...]:
        """Return the residents' latest feedback that an answer did not help; never what they had asked."""
        query = (
            select(FeedbackRow, TurnRow.language, TurnRow.reply)
            .join(TurnRow, TurnRow.turn_id == FeedbackRow.turn_id)
            .where(FeedbackRow.value == FeedbackValue.UNHELPFUL.value)
            .order_by(FeedbackRow.at.desc())
            .limit(LISTED)
        )
        with self._database.reading() as session:
            return tuple(
                Complaint(
                    turn_id=row.turn_id,
                    reason=row.reason,
                    language=language,
                    topic=((reply or {}).get("understanding") or {}).get("topic"),
                    at=row.at,
                )
                for row, language, reply in session.execute(query)
            )
