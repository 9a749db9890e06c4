"""The quota that rate-limit headers tell, counted in windows and shared with other processes."""

# ruff: noqa: FURB136 - `min` and `max` take longer than all that they are given here

from __future__ import annotations

import math
from collections import deque

from ledger_async._protocol.rate_limit_headers import Quota

# How many requests a guess of our share of the last windows is worth, beside those in flight.
_MEMORY = 8

# A refusal leaves so much of the share that we took for ours.
_REFUSED = 0.8

# Parts of a window to leave unused where answers take long or ends are told late: a client that
# used up its quota waits for the end and hears of it late; one that did not goes on across it.
_UNUSED = 0.03
_UNUSED_WHERE_LATE = 0.045
_UNUSED_A_ROUND_TRIP = 0.5

# The end of a window was seen if there was news within this part of a window before it. Ends that
# headers tell too late, by this part of a window, are not believed.
_IN_SIGHT = 1 / 4
_LATE = 1 / 16

# So many requests may start at once after a while in which nothing was asked.
_FEW = 8


class Window:
    """The server's current window, and the pace that spends what remains of it evenly.

    The server says with each answer how many requests remain until when. Its numbers may be
    late, out of order or rounded, and other processes may spend from the same quota: what
    remains for us is the share of it that we had lately. Spending evenly leaves something until
    the end, so that nobody has to know exactly when that is.
    """

    def __init__(self, believed: float) -> None:
        self._believed = believed
        self.known_until = -math.inf
        """Until when the headers heard last say something."""
        # Told by headers: the requests that remained when the window was found, that remain now,
        # and that it has in all; and its end, at the latest.
        self._found = self._remaining = self._size = 0
        self._told_end = -math.inf
        # When the window was found, when headers were heard last and how long that answer took; and
        # what remained, as heard at each time.
        self._opened = self._heard = -math.inf
        self._round_trip = 0.0
        self._history: deque[tuple[float, int]] = deque()
        # Measured: the requests that were ours; and, of windows of which both ends were seen, how
        # long they last and how late their ends are told.
        self._passed = self._passed_unheard = 0
        self._usual_share = 1.0
        self._length, self._late = math.inf, 0.0
        self._began_in_sight = False
        # Worked out: the likely end, the requests that remain for us, and the seconds from one
        # start to the next, usually and in the rest of this window.
        self._ends = -math.inf
        self._ours = 0
        self._usual_gap = self._gap = 0.0

    @property
    def share(self) -> float:
        """The part of what is spent that is spent by us, 0 to 1."""
        memory = _MEMORY + self._flow
        spent = self._found - self._remaining
        spent = spent if spent > 0 else 0
        share = (self._passed + memory * self._usual_share) / (spent + memory)
        return share if share < 1.0 else 1.0

    @property
    def slack(self) -> float:
        """Seconds by which starts may be late and still catch up: half a window is not spread."""
        few, half = _FEW * self._usual_gap, (self._ends - self._opened) / 2
        return few if few > half else half

    @property
    def is_in_time(self) -> bool:
        """True if there is a pace, and windows last long enough for answers to correct it."""
        return self._usual_gap > 0 and 2 * self._round_trip < self._ends - self._opened

    def due(self, last: float) -> float:
        """When the next start is due after one that was due at `last`."""
        if self._remaining:
            due, end = last + self._gap, self._ends
            if due <= end:
                return due
        else:
            end = self._told_end
        return max(end, last + self._usual_gap)

    def wait(self, in_flight: int, now: float) -> float:
        """Seconds until the end, if what is in flight may have used up what remains for us."""
        if self._ends - now <= self._round_trip:
            return 0.0  # what starts now is rather of the next window
        free = self._ours - (in_flight - self._flow)
        return 0.0 if free >= 1 else self._told_end - now

    def gone_for(self, now: float) -> float:
        """Seconds until the end, if an answer said that nothing remains for anybody."""
        is_gone = now < self.known_until and not self._remaining
        return max(0.0, self._ends - now) if is_gone else 0.0

    def refuse(self) -> None:
        """A request was refused that was thought to be free: others spend more than was known."""
        self._usual_share *= _REFUSED

    def learn(self, quota: Quota, *, sent: float, now: float, in_flight: int, passed: bool) -> bool:
        """Take in what an answer to a request that was sent at `sent` tells, if that is news."""
        if self._is_next(quota, sent, passed=passed):
            self._open(quota, now)
        elif self._is_overtaken(quota, sent, now):
            self._passed_unheard += passed
            return False
        self._passed += self._passed_unheard + passed
        self._passed_unheard = 0
        self._remaining, self._heard, self._round_trip = quota.remaining, now, now - sent
        self._history.append((now, quota.remaining))
        # Ends are rounded up: the earliest is nearest to the truth.
        end = now + quota.resets_in
        if self._told_end <= now or self._told_end > end:
            self._told_end = end
        self._ends = self._told_end
        if self._is_told_late:
            self._ends = min(self._told_end, self._opened + self._length)
        self._spread(now, in_flight)
        return True

    @property
    def _flow(self) -> float:
        """Requests of ours that are in flight while starts are even."""
        return self._round_trip / self._usual_gap if self._usual_gap else 0.0

    @property
    def _is_told_late(self) -> bool:
        return self._late > _LATE * self._length

    def _is_next(self, quota: Quota, sent: float, *, passed: bool) -> bool:
        """True if an answer to a request sent at `sent` shows a window that was not known."""
        if sent >= self._told_end:
            return passed or self._heard == -math.inf  # else the last one is told to go on
        # What remains only falls: an answer that has as much as was heard before its request was
        # sent is of another window, whatever was told of the end of this one.
        while len(self._history) > 1 and self._history[1][0] < sent:
            self._history.popleft()
        heard, remaining = self._history[0]
        return heard < sent and 0 < quota.remaining >= remaining

    def _is_overtaken(self, quota: Quota, sent: float, now: float) -> bool:
        """True if the answer is older than others, or may be of the window before."""
        is_over = sent < self._told_end <= now
        return is_over or sent < self._opened or quota.remaining > self._remaining

    def _open(self, quota: Quota, now: float) -> None:
        if self._opened > -math.inf:
            self._usual_share = self.share
        in_sight = now - self._heard <= _IN_SIGHT * quota.resets_in
        if in_sight and self._began_in_sight:
            self._measure(now)
        self._began_in_sight = in_sight
        self._found = self._remaining = quota.remaining + 1
        # One that was found used up tells nothing of its size, unless by its limit.
        self._size = self._found if quota.remaining else quota.limit or 0
        self._told_end, self._opened = math.inf, now
        self._passed = self._passed_unheard = 0
        self._history.clear()

    def _measure(self, now: float) -> None:
        lasted = now - self._opened
        known = lasted if self._length == math.inf else self._length
        self._length = (known + lasted) / 2
        self._late = (self._late + max(0.0, self._told_end - now)) / 2

    def _spread(self, now: float, in_flight: int) -> None:
        """Spread what remains for us over the time that is left, at about the usual pace."""
        left, length, share = self._ends - now, self._ends - self._opened, self.share
        round_trips = 2 * self._round_trip
        lasts = self._told_end + (length if length > round_trips else round_trips)
        believed = now + self._believed
        self.known_until = lasts if lasts < believed else believed
        self._ours = int(self._remaining * share)
        if length <= 0 or not self._size:
            self._usual_gap = self._gap = 0.0
            return
        unused = self._size * self._unused_part(length)
        usual = (self._size - unused) * share
        usual_gap = self._usual_gap = length / (usual if usual > 1.0 else 1.0)
        free, fastest, slowest = (self._remaining - unused) * share, usual_gap, 2 * usual_gap
        if left > self._round_trip:  # else what is in flight is rather of the next window
            beyond = in_flight - self._flow
            free, fastest = free - (beyond if beyond > 0.0 else 0.0), fastest / 2
        gap = left / (free + 1) if free > 0 else slowest
        gap = gap if gap > fastest else fastest
        self._gap = gap if gap < slowest else slowest

    def _unused_part(self, length: float) -> float:
        if self._is_told_late:
            return max(_UNUSED_WHERE_LATE, 1 / self._size)
        slowly = _UNUSED_A_ROUND_TRIP * self._round_trip / length
        return slowly if slowly < _UNUSED else min(slowly, max(_UNUSED, 1 / self._size))
