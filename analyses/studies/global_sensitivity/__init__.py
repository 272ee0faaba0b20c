"""What an output owes to each uncertain input, over all of their distributions."""
