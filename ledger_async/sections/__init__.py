"""The sections of the API, each a module that reads like its page of the reference.

Whatever has a `stream` is a listing, whose filters are keywords. All that are given must match;
`None` is no filter, and an iterable matches any of its values. `page_size` is 1 or more, or
`"max"`; `on_invalid="skip"` leaves out nodes that do not decode.

Filters on what never changes are free. With one on something that changes, such as `status`, an
element can come to match in the middle of the listing, so that pages overlap from the start: some
requests more, and the report says `"repaired"`. `consistency="fast"` spares that, and proves
nothing. Where `order` is given, pages overlap. Sorted by something that changes, as `order_by`
allows, a listing of more than one page stays `"unverified"`.
"""
