"""The calendar: what runs when, that each due run happens once, and what is reported about it."""
