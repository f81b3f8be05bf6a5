"""What an apply needs beside the applier: what was cut off, what is reviewed or stale, what the ledger says after."""
