"""Write contracts/.gas-snapshot anew from the tests named test_Gas…."""

from contracts.forge import forge

if __name__ == "__main__":
    print(forge("snapshot", "--match-test", "test_Gas", "--snap", ".gas-snapshot"))
