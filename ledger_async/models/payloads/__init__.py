"""Everything that is sent, as frozen structs that check their fields when they are made."""
