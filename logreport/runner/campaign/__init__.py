"""Many runs: `Plan.combinations` lists every combination, `run_all` runs them one after the other, and goes on where one was cut off."""
