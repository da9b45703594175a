"""What every answer of a kind has to look like."""

from harness.client import Answer


def check_problem(answer: Answer, status: int) -> dict:
    """An RFC 9457 problem of this status; returns it."""
    assert answer.status == status, answer
    assert (answer["content-type"] or "").split(";")[0] == "application/problem+json", answer
    problem = answer.json()
    assert problem["status"] == status, problem
    assert problem["title"], problem
    assert answer["x-request-id"], answer
    if status == 401:
        assert answer["www-authenticate"], answer
    if status in (429, 503):
        assert int(answer["retry-after"]) >= 0
    return problem


def check_invalid(answer: Answer, *pointers: str) -> None:
    """A 422 that names exactly these members."""
    problem = check_problem(answer, 422)
    named = [error["pointer"] for error in problem.get("errors", [])]
    assert all(error["detail"] for error in problem.get("errors", [])), problem
    for pointer in pointers:
        assert pointer in named, problem


def user_path(user: str, rest: str = "") -> str:
    """The path of a user, its id percent-encoded byte by byte where need be."""
    from urllib.parse import quote

    return "/api/personalization/users/" + quote(user, safe="") + rest


def usage(profile: dict) -> dict[str, int]:
    return {entry["feature"]: entry["count"] for entry in profile["featureUsage"]}
