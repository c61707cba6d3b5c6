// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AnchorState, BatchId, InstitutionId, SchemaId} from "../types/Types.sol";

/// @title Is a credential genuine, whose, and live on date d (C-02, P-25, P-26): batch roots and status-list digests.
interface ICredentialRegistry {
    /// @notice Anchor message: signed by the registrar's and the approver's key under one nonce.
    struct Anchor {
        InstitutionId institution;
        bytes32 root;
        uint64 count;
        SchemaId schema;
        bytes32 manifest;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice A custodian's signature over Custody(root, count, manifest); custodians are members other than the issuer.
    struct Custodian {
        InstitutionId institution;
        bytes signature;
    }

    /// @notice PublishStatus message: version n of a status list has this digest; signed by a registrar's key.
    struct PublishStatus {
        InstitutionId institution;
        uint64 list;
        uint64 version;
        bytes32 digest;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice What one slot says of a batch.
    struct AnchorRecord {
        uint40 time;
        AnchorState state;
    }

    /// @notice What one slot says of a status list.
    struct StatusHead {
        uint64 version;
        uint40 time;
    }

    /// @notice Thrown when the batch is anchored already.
    error CredentialsAlreadyAnchored(BatchId batch);
    /// @notice Thrown when a batch has no leaf.
    error CredentialsEmptyBatch(InstitutionId institution);
    /// @notice Thrown when the two custodians are one institution, or one of them is the issuer.
    error CredentialsCustodianNotIndependent(InstitutionId institution);
    /// @notice Thrown when a status list's version is not the one after the latest.
    error CredentialsStatusVersion(InstitutionId institution, uint64 list, uint64 latest, uint64 given);

    event BatchAnchored(
        BatchId indexed batch,
        InstitutionId indexed institution,
        SchemaId indexed schema,
        bytes32 root,
        uint64 count,
        bytes32 manifest,
        uint256 nonce
    );
    event StatusPublished(InstitutionId indexed institution, uint64 indexed list, uint64 version, bytes32 digest);

    /// @notice Anchors a batch once: both persons of the issuer and two custodians have signed it.
    function anchor(
        Anchor calldata message,
        bytes calldata registrar,
        bytes calldata approver,
        Custodian[2] calldata custodians
    ) external;

    /// @notice Publishes the next version of a status list.
    function publishStatus(PublishStatus calldata message, bytes calldata registrar) external;

    /// @notice What is anchored under this batch id.
    function anchorOf(BatchId batch) external view returns (AnchorRecord memory);

    /// @notice The latest version of a status list, and the digest of any version.
    function statusOf(InstitutionId institution, uint64 list, uint64 version)
        external
        view
        returns (StatusHead memory head, bytes32 digest);
}
