"""The experts: what points becomes candidates, what is named becomes one mask and a presence."""
