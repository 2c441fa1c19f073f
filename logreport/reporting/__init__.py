"""What a report says, as frozen data, and functions from it to bytes."""
