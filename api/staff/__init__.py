"""The pages and calls of agents and administrators: accounts, sign-in, the counter assistant."""
