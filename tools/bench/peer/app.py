"""The same two jobs as people usually build them: FastAPI, SQLAlchemy and SQLite, durable (WAL, synchronous=FULL).

    BENCH_DATABASE=/path/peer.db BENCH_KEY=secret uvicorn app:app --workers 2
"""

import os
from datetime import datetime, timezone
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

KEY = os.environ["BENCH_KEY"]
engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}", pool_size=40, connect_args={"timeout": 60})


@event.listens_for(engine, "connect")
def make_durable(connection, _):
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    updated_at: Mapped[datetime]


class FeatureUsage(Base):
    __tablename__ = "feature_usage"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    feature: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    first_used_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class HourUsage(Base):
    __tablename__ = "hour_usage"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]


class Usage(BaseModel):
    feature: str = Field(min_length=1, max_length=128)


def session():
    with Session(engine) as opened:
        yield opened


def authorized(authorization: Annotated[str, Header()]):
    if authorization != f"Bearer {KEY}":
        raise HTTPException(401)


Opened = Annotated[Session, Depends(session)]
app = FastAPI(dependencies=[Depends(authorized)])


@app.get("/api/personalization/users/{user_id}")
def profile(user_id: str, db: Opened):
    user = db.get(User, user_id)
    features = db.scalars(select(FeatureUsage).where(FeatureUsage.user_id == user_id)).all()
    hours = db.scalars(select(HourUsage).where(HourUsage.user_id == user_id)).all()
    return {
        "userId": user_id,
        "featureUsage": [
            {"feature": row.feature, "count": row.count, "firstUsedAt": row.first_used_at, "lastUsedAt": row.last_used_at} for row in features
        ],
        "workflowPatterns": {"commonSequences": [], "timeOfDayUsage": {str(row.hour): row.count for row in hours}},
        "contentPreferences": [], "goals": {"shortTerm": [], "longTerm": []}, "goalProgress": [], "marketFocus": [],
        "updatedAt": user.updated_at if user else None,
    }


@app.post("/api/personalization/users/{user_id}/feature-usage", status_code=202)
def use(user_id: str, usage: Usage, db: Opened):
    now = datetime.now(timezone.utc)
    user = insert(User).values(id=user_id, updated_at=now)
    db.execute(user.on_conflict_do_update(index_elements=[User.id], set_={"updated_at": now}))
    row = insert(FeatureUsage).values(user_id=user_id, feature=usage.feature, count=1, first_used_at=now, last_used_at=now)
    db.execute(row.on_conflict_do_update(
        index_elements=[FeatureUsage.user_id, FeatureUsage.feature], set_={"count": FeatureUsage.count + 1, "last_used_at": now}))
    hour = insert(HourUsage).values(user_id=user_id, hour=now.hour, count=1)
    db.execute(hour.on_conflict_do_update(index_elements=[HourUsage.user_id, HourUsage.hour], set_={"count": HourUsage.count + 1}))
    db.commit()
    return {"status": "accepted"}


if __name__ == "__main__":
    # Made once, before the workers start.
    Base.metadata.create_all(engine)
