// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev keccak256 of the institution's DID; an id of an institution, never of a person.
type InstitutionId is bytes32;
/// @dev SHA-256 of the JCS form of a credential type's JSON Schema.
type SchemaId is bytes32;
/// @dev Key of an anchored batch: keccak256(abi.encode(root, count, schema, manifest, institution)).
type BatchId is bytes32;
/// @dev EIP-712 struct hash of a proposal.
type ProposalId is bytes32;

/// @notice What an institution is. Only colleges issue; every kind may witness and hold custody.
enum Kind {
    NONE,
    GOVERNMENT,
    COLLEGE,
    ENTERPRISE,
    EVALUATOR
}

/// @notice What a key may be used for. A key has one purpose at one institution, for ever.
enum Purpose {
    NONE,
    ASSERT,
    REGISTER,
    APPROVE,
    VOTE,
    WITNESS,
    CUSTODY
}

/// @notice The algorithm of a key: Ed25519 for credentials, secp256k1 for every message to the chain.
enum Algorithm {
    NONE,
    ED25519,
    SECP256K1
}

/// @notice The sector a committee member votes for; an evaluator votes but is no sector.
enum Sector {
    NONE,
    GOVERNMENT,
    COLLEGE,
    ENTERPRISE
}

/// @notice A member's vote.
enum Choice {
    NONE,
    YES,
    NO,
    ABSTAIN
}

/// @notice Where a proposal stands.
enum ProposalState {
    NONE,
    OPEN,
    ADOPTED,
    EXECUTED
}

/// @notice Where an anchored batch stands; the values after ANCHORED are set by the committee only.
enum AnchorState {
    NONE,
    ANCHORED,
    DISPUTED,
    DISAVOWED
}

/// @notice A key at its registration. `key` is 32 raw bytes of an Ed25519 public key, or a left-padded address.
struct KeyInit {
    Purpose purpose;
    Algorithm algorithm;
    bytes32 key;
}

/// @notice An institution at its registration. `profile` is SHA-256 of the JCS form of its public profile.
struct InstitutionInit {
    InstitutionId institution;
    Kind kind;
    bytes32 profile;
    KeyInit[] keys;
}

/// @notice A committee member at its admission.
struct MemberInit {
    InstitutionId institution;
    Sector sector;
}

/// @notice One call that an adopted proposal makes.
struct Call {
    address target;
    bytes data;
}
