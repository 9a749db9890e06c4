"""Whether to ask again, and after how long."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger_async._governor.retry import (
    Kind,
    RetryPolicy,
    backoff,
    classify,
    is_unavailable,
    may_repeat,
    wait_before_retry,
)
from ledger_async._protocol.messages import Request
from ledger_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    FleetError,
    LedgerError,
    ListingIncompleteError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    RowRefusedError,
    ServerError,
    SignatureError,
    StoreError,
    StoreLockedError,
    StreamClosedError,
    TransportError,
)

POLICY = RetryPolicy(max_attempts=3, max_throttles=4, backoff_base=1.0, backoff_cap=8.0)

JITTER = st.floats(0, 1, exclude_max=True)
POLICIES = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 100),
    max_throttles=st.integers(1, 100),
    backoff_base=st.floats(0, 1e300),
    backoff_cap=st.floats(0, 1e300),
    max_wait=st.floats(0, 1e300),
)


def untrusted() -> TransportError:
    error = TransportError("no trusted TLS connection")
    error.transient = False
    return error


def truncated() -> DecodeError:
    error = DecodeError("the JSON ends too early")
    error.truncated = True
    return error


def throttled(retry_after: float | None = None) -> RateLimitError:
    return RateLimitError("420", status=420, retry_after=retry_after)


def wait(
    error: LedgerError,
    policy: RetryPolicy = POLICY,
    *,
    failures: int = 1,
    throttles: int = 1,
    pauses: int = 1,
    jitter: float = 0.0,
) -> float | None:
    return wait_before_retry(
        policy, error, failures=failures, throttles=throttles, pauses=pauses, jitter=jitter
    )


# What an error means

MEANINGS = [
    (throttled(), Kind.THROTTLED),
    (RateLimitError("429", status=429), Kind.THROTTLED),
    (RateLimitError("the gate says so"), Kind.THROTTLED),
    (ServerError("500", status=500), Kind.TRANSIENT),
    (ServerError("501", status=501), Kind.FINAL),
    (ServerError("502", status=502), Kind.TRANSIENT),
    (ServerError("503", status=503), Kind.TRANSIENT),
    (ServerError("599", status=599), Kind.TRANSIENT),
    (ApiError("408", status=408), Kind.TRANSIENT),
    (ApiError("409", status=409), Kind.FINAL),
    (ApiError("410", status=410), Kind.FINAL),
    (BadRequestError("400", status=400), Kind.FINAL),
    (AuthenticationError("401", status=401), Kind.FINAL),
    (PermissionDeniedError("403", status=403), Kind.FINAL),
    (NotFoundError("404", status=404), Kind.FINAL),
    (TransportError("cut off"), Kind.TRANSIENT),
    (untrusted(), Kind.FINAL),
    (RequestTimeoutError("too slow"), Kind.TRANSIENT),
    (truncated(), Kind.TRANSIENT),
    (DecodeError("other JSON"), Kind.FINAL),
    (ProtocolError("not HTTP"), Kind.FINAL),
    (RedirectRefusedError("302", status=302), Kind.FINAL),
    (ResponseTooLargeError("too large", status=200), Kind.FINAL),
    (ConfigurationError("no key"), Kind.FINAL),
    (ListingIncompleteError("contradiction"), Kind.FINAL),
    (SignatureError("not signed"), Kind.FINAL),
    (StreamClosedError("closed"), Kind.FINAL),
    (StoreError("gone"), Kind.FINAL),
    (FleetError("gone"), Kind.FINAL),
    (StoreLockedError("held"), Kind.FINAL),
    (RowRefusedError("too large"), Kind.FINAL),
    (LedgerError("anything else"), Kind.FINAL),
]


@pytest.mark.parametrize(
    ("error", "kind"),
    MEANINGS,
    ids=lambda case: case.name if isinstance(case, Kind) else repr(case),
)
def test_each_error_says_what_it_means_for_another_try(error: LedgerError, kind: Kind) -> None:
    assert classify(error) is kind


def test_no_error_of_this_package_is_without_a_meaning() -> None:
    classes = {LedgerError}
    while more := {sub for cls in classes for sub in cls.__subclasses__()} - classes:
        classes |= more
    own = {cls for cls in classes if cls.__module__.startswith("ledger_async")}
    assert own == {type(error) for error, _ in MEANINGS}


UNAVAILABLE = [
    TransportError("cannot connect"),
    RequestTimeoutError("no answer"),
    *(ServerError(f"{status}", status=status) for status in (502, 503, 504)),
]


@pytest.mark.parametrize("error", [error for error, _ in MEANINGS] + UNAVAILABLE, ids=repr)
def test_a_server_is_unavailable_that_is_not_reached_or_says_so(error: LedgerError) -> None:
    says_so = error.status in {502, 503, 504}
    assert is_unavailable(error) is (isinstance(error, TransportError) or says_so)


def unsent() -> TransportError:
    error = TransportError("cannot connect")
    error.sent = False
    return error


@pytest.mark.parametrize("error", [error for error, _ in MEANINGS], ids=repr)
def test_a_get_may_always_be_sent_again(error: LedgerError) -> None:
    assert may_repeat(Request(path="/accounts"), error)


@pytest.mark.parametrize("error", [error for error, _ in MEANINGS] + [unsent()], ids=repr)
def test_a_post_may_be_sent_again_if_it_was_refused_or_never_sent(error: LedgerError) -> None:
    not_done = isinstance(error, RateLimitError) or error.message == "cannot connect"
    assert may_repeat(Request(method="POST", path="/requests"), error) is not_done


def test_a_harmless_post_may_be_sent_again() -> None:
    request = Request(method="POST", path="/auth/token", repeatable=True)
    assert may_repeat(request, ServerError("500", status=500))


# Passing failures


def test_a_passing_failure_is_waited_out_until_the_attempts_are_spent() -> None:
    waits = [wait(TransportError("cut off"), failures=n, jitter=0.5) for n in (1, 2, 3, 4)]
    assert waits == [0.5, 1.0, None, None]


def test_one_attempt_means_one() -> None:
    once = RetryPolicy(max_attempts=1)
    assert wait(TransportError("cut off"), once) is None


def test_throttles_do_not_spend_the_attempts() -> None:
    assert wait(TransportError("cut off"), failures=1, throttles=99) is not None


def test_failures_do_not_spend_the_throttles() -> None:
    assert wait(throttled(), failures=99, throttles=1) is not None


@pytest.mark.parametrize("error", [error for error, kind in MEANINGS if kind is Kind.FINAL])
def test_a_final_error_is_never_repeated(error: LedgerError) -> None:
    assert wait(error) is None


def test_the_longest_backoff_doubles_up_to_the_cap() -> None:
    assert [backoff(POLICY, n) for n in (1, 2, 3, 4, 5, 99)] == [1, 2, 4, 8, 8, 8]


@given(policy=POLICIES, failures=st.integers(1, 10**9))
def test_no_backoff_is_above_the_cap(policy: RetryPolicy, failures: int) -> None:
    assert 0 <= backoff(policy, failures) <= policy.backoff_cap


def test_full_jitter_reaches_from_nothing_to_the_whole_backoff() -> None:
    waits = [wait(TransportError("cut off"), failures=2, jitter=jitter) for jitter in (0.0, 0.999)]
    assert waits == [0.0, pytest.approx(1.998)]


@given(policy=POLICIES, failures=st.integers(1, 200), jitter=JITTER)
def test_a_wait_after_a_failure_is_within_the_backoff(
    policy: RetryPolicy, failures: int, jitter: float
) -> None:
    seconds = wait(ServerError("503", status=503), policy, failures=failures, jitter=jitter)
    assert (seconds is None) == (failures >= policy.max_attempts)
    assert seconds is None or 0 <= seconds <= backoff(policy, failures)


def overloaded(retry_after: float) -> ServerError:
    return ServerError("503", status=503, retry_after=retry_after)


def test_an_overloaded_server_is_given_the_time_that_it_asks_for() -> None:
    assert wait(overloaded(30.0), failures=1, jitter=0.999) == 30.0


def test_what_a_server_asks_for_does_not_shorten_the_backoff() -> None:
    assert wait(overloaded(0.5), failures=2, jitter=0.75) == 1.5


def test_a_server_that_asks_for_more_than_the_cap_is_given_up() -> None:
    assert wait(overloaded(120.001)) is None


# Rate limits


def test_a_throttle_waits_at_least_what_was_asked() -> None:
    assert wait(throttled(30.0), jitter=0.0) == 30.0


def test_jitter_only_lengthens_what_was_asked() -> None:
    assert wait(throttled(30.0), jitter=0.5) == 30.5


def test_a_throttle_that_asks_for_more_than_the_cap_gives_up() -> None:
    assert wait(throttled(120.001), jitter=0.0) is None


def test_a_throttle_that_asks_for_just_the_cap_is_waited_out() -> None:
    assert wait(throttled(120.0), jitter=0.0) == 120.0


def test_no_wait_is_above_the_cap_jitter_included() -> None:
    # The gate refuses to wait longer than `max_wait`: a promise to wait must be one it keeps.
    seconds = wait(throttled(120.0), jitter=0.999)
    assert seconds is not None
    assert seconds <= POLICY.max_wait


def test_throttles_are_bounded() -> None:
    waits = [wait(throttled(1.0), throttles=n) for n in (1, 3, 4, 5)]
    assert waits == [1.0, 1.0, None, None]


@pytest.mark.parametrize("asked", [None, 0.0])
@pytest.mark.parametrize(("throttles", "longest"), [(1, 1.0), (2, 2.0), (3, 4.0)])
def test_a_throttle_that_names_no_wait_backs_off_by_half_at_least(
    asked: float | None, throttles: int, longest: float
) -> None:
    waits = [wait(throttled(asked), throttles=throttles, jitter=jitter) for jitter in (0.0, 0.5)]
    assert waits == [longest / 2, longest * 0.75]


def test_pauses_of_others_count_half_for_a_throttle_that_names_no_wait() -> None:
    assert [wait(throttled(), pauses=pauses) for pauses in (1, 2, 3, 4, 5)] == [0.5, 0.5, 1, 1, 2]


@given(
    policy=POLICIES,
    asked=st.none() | st.floats(0, 1e15),
    throttles=st.integers(1, 200),
    jitter=JITTER,
)
@example(policy=RetryPolicy(max_wait=1.0), asked=None, throttles=9, jitter=0.5)
def test_a_throttle_waits_what_was_asked_and_no_more_than_the_cap_or_gives_up(
    policy: RetryPolicy, asked: float | None, throttles: int, jitter: float
) -> None:
    seconds = wait(throttled(asked), policy, throttles=throttles, jitter=jitter)
    assert seconds is None or (asked or 0.0) <= seconds <= policy.max_wait


# The policy itself


def test_the_defaults_are_those_of_the_design() -> None:
    policy = RetryPolicy()
    assert (policy.backoff_base, policy.backoff_cap, policy.max_wait) == (0.1, 20.0, 120.0)
    assert policy.max_outage == 300.0


@pytest.mark.parametrize(
    "option",
    [
        {"max_attempts": 0},
        {"max_attempts": -1},
        {"max_throttles": 0},
        {"backoff_base": -0.1},
        {"backoff_base": math.nan},
        {"backoff_cap": math.inf},
        {"backoff_cap": -1.0},
        {"max_wait": math.nan},
        {"max_wait": math.inf},
        {"max_wait": -1.0},
        {"max_outage": -1.0},
        {"max_outage": math.inf},
    ],
)
def test_a_policy_names_the_option_that_will_not_do(option: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(option))):
        RetryPolicy(**option)


@pytest.mark.parametrize(
    "option",
    [
        {"max_attempts": "5"},
        {"max_attempts": 2.5},
        {"max_attempts": math.nan},
        {"max_attempts": True},
        {"max_throttles": None},
        {"backoff_base": "fast"},
        {"backoff_cap": None},
        {"max_wait": True},
    ],
)
def test_a_policy_names_the_option_of_the_wrong_type(option: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(option))):
        RetryPolicy(**option)


def test_nothing_waits_where_the_policy_says_zero() -> None:
    hasty = RetryPolicy(backoff_base=0.0)
    assert wait(TransportError("cut off"), hasty, jitter=0.9) == 0.0


def test_a_policy_does_not_change() -> None:
    with pytest.raises(AttributeError):
        POLICY.max_attempts = 9  # type: ignore[misc]
