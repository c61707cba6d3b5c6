"""Write the contract artifacts anew from the Solidity sources."""

from contracts.compiler import write_artifacts

if __name__ == "__main__":
    write_artifacts()
