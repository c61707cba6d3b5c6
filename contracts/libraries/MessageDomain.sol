// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {InstitutionId} from "../types/Types.sol";

/// @dev EIP-712 messages of institutions: domain salted with the genesis hash, unordered nonces, deadlines.
///      The salt keeps a message from being replayed on a chain that only shares the chain id.
abstract contract MessageDomain {
    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");
    bytes32 private constant _NAME = keccak256("creditbank");
    bytes32 private constant _VERSION = keccak256("1");

    bytes32 private immutable _genesisHash;
    mapping(InstitutionId institution => mapping(uint256 word => uint256 bits)) private _nonces;

    /// @notice Thrown when a message arrives after its deadline.
    error MessageExpired(uint64 deadline);
    /// @notice Thrown when an institution's nonce was used before; sending a message again is therefore safe.
    error MessageNonceUsed(InstitutionId institution, uint256 nonce);

    constructor(bytes32 genesisHash_) {
        _genesisHash = genesisHash_;
    }

    /// @notice The EIP-712 domain separator of this register on this chain.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(_DOMAIN_TYPEHASH, _NAME, _VERSION, block.chainid, address(this), _genesisHash));
    }

    /// @notice Whether the institution's nonce was used.
    function isNonceUsed(InstitutionId institution, uint256 nonce) public view returns (bool) {
        return _nonces[institution][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    function _useNonce(InstitutionId institution, uint256 nonce, uint64 deadline) internal {
        if (block.timestamp > deadline) revert MessageExpired(deadline);
        uint256 bit = 1 << (nonce & 0xff);
        uint256 bits = _nonces[institution][nonce >> 8];
        if (bits & bit != 0) revert MessageNonceUsed(institution, nonce);
        _nonces[institution][nonce >> 8] = bits | bit;
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// @dev Refuses malleable and malformed signatures (OpenZeppelin ECDSA); a key is its left-padded address.
    function _signerKey(bytes32 digest, bytes calldata signature) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(ECDSA.recoverCalldata(digest, signature))));
    }
}
