// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Algorithm, InstitutionId, InstitutionInit, Kind, Purpose, SchemaId} from "../types/Types.sol";

/// @title Who may issue what, with which key, from when to when (C-18, C-20).
interface IInstitutionRegistry {
    /// @notice An institution's record. `suspendedAt` is 0 while it is active.
    struct Institution {
        Kind kind;
        uint40 registeredAt;
        uint40 suspendedAt;
        uint32 suspensions;
    }

    /// @notice A key's record; a key is live from `from` (inclusive) to `until` and `cutOff` (exclusive, 0 = none).
    struct KeyRecord {
        Algorithm algorithm;
        uint32 epoch;
        uint40 from;
        uint40 until;
        uint40 cutOff;
    }

    /// @notice One period of accreditation for a schema; `withdrawnAt` is 0 unless the committee ended it early.
    struct Accreditation {
        uint40 from;
        uint40 until;
        uint40 withdrawnAt;
    }

    /// @notice AddKey message: the institution registers a further key; `from` 0 means at inclusion.
    struct AddKey {
        InstitutionId institution;
        Purpose purpose;
        Algorithm algorithm;
        bytes32 key;
        uint64 from;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice CloseKey message: the institution ends a key; `cutOff` other than 0 marks it as compromised from then.
    struct CloseKey {
        InstitutionId institution;
        Purpose purpose;
        bytes32 key;
        uint64 until;
        uint64 cutOff;
        uint256 nonce;
        uint64 deadline;
    }

    /// @notice Thrown when another than the committee calls an administrative function.
    error InstitutionsNotCommittee(address caller);
    /// @notice Thrown when the institution is not registered.
    error InstitutionsUnknown(InstitutionId institution);
    /// @notice Thrown when the institution is registered already.
    error InstitutionsAlreadyRegistered(InstitutionId institution);
    /// @notice Thrown when a suspended institution tries to act.
    error InstitutionsSuspended(InstitutionId institution, uint40 suspendedAt);
    /// @notice Thrown when an institution without suspension is reinstated.
    error InstitutionsNotSuspended(InstitutionId institution);
    /// @notice Thrown when a signature is by a key that the institution does not hold for this purpose, now.
    error InstitutionsKeyNotLive(InstitutionId institution, Purpose purpose, bytes32 key);
    /// @notice Thrown when a key is registered a second time, wherever it was registered first.
    error InstitutionsKeyInUse(bytes32 key);
    /// @notice Thrown when a key's purpose, algorithm, bytes or dates contradict each other.
    error InstitutionsKeyInvalid(InstitutionId institution, Purpose purpose, bytes32 key);
    /// @notice Thrown when the institution may not issue this schema now.
    error InstitutionsNotAccredited(InstitutionId institution, SchemaId schema);
    /// @notice Thrown when an accreditation period ends before it begins, or overlaps the one before.
    error InstitutionsPeriodInvalid(InstitutionId institution, SchemaId schema, uint40 from, uint40 until);

    event InstitutionRegistered(InstitutionId indexed institution, Kind kind, bytes32 profile);
    event InstitutionProfileChanged(InstitutionId indexed institution, bytes32 profile);
    event InstitutionSuspended(InstitutionId indexed institution);
    event InstitutionReinstated(InstitutionId indexed institution);
    event KeyAdded(
        InstitutionId indexed institution, Purpose indexed purpose, Algorithm algorithm, bytes32 key, uint32 epoch, uint40 from
    );
    event KeyClosed(InstitutionId indexed institution, Purpose indexed purpose, bytes32 key, uint40 until, uint40 cutOff);
    event AccreditationGranted(
        InstitutionId indexed institution, SchemaId indexed schema, uint32 period, uint40 from, uint40 until
    );
    event AccreditationWithdrawn(InstitutionId indexed institution, SchemaId indexed schema, uint32 period);

    /// @notice Registers an institution with its first keys. Committee only.
    function register(InstitutionInit calldata institution) external;

    /// @notice Replaces the digest of an institution's public profile. Committee only.
    function setProfile(InstitutionId institution, bytes32 profile) external;

    /// @notice Accredits an institution to issue a schema from `from` (inclusive) to `until` (exclusive). Committee only.
    /// @dev Periods do not overlap and are never rewritten, so an old credential keeps its proof.
    function accredit(InstitutionId institution, SchemaId schema, uint40 from, uint40 until) external;

    /// @notice Ends the running accreditation period and any that was to follow it. Committee only.
    function withdrawAccreditation(InstitutionId institution, SchemaId schema) external;

    /// @notice Suspends an institution: it cannot issue, vote, witness or take custody. Committee only.
    function suspend(InstitutionId institution) external;

    /// @notice Ends a suspension. Committee only.
    function reinstate(InstitutionId institution) external;

    /// @notice Closes a key of any institution, for one that lost its vote key. Committee only.
    function closeKeyOf(InstitutionId institution, Purpose purpose, bytes32 key, uint64 until, uint64 cutOff) external;

    /// @notice Adds a key of any institution, for one that lost its vote key. Committee only.
    function addKeyOf(InstitutionId institution, Purpose purpose, Algorithm algorithm, bytes32 key, uint64 from) external;

    /// @notice Adds a key on the institution's own message, signed by its vote key.
    function addKey(AddKey calldata message, bytes calldata signature) external;

    /// @notice Closes a key on the institution's own message, signed by its vote key; suspension does not block it.
    function closeKey(CloseKey calldata message, bytes calldata signature) external;

    /// @notice Reverts unless the institution is active and the key is live for the purpose now.
    function requireKey(InstitutionId institution, Purpose purpose, bytes32 key) external view;

    /// @notice Reverts unless the institution is active, accredited for the schema now, and both keys are live now.
    function requireIssuer(InstitutionId institution, SchemaId schema, bytes32 registrar, bytes32 approver) external view;

    /// @notice Whether the institution is registered and not suspended.
    function isActive(InstitutionId institution) external view returns (bool);

    /// @notice The institution's record and profile digest.
    function institutionOf(InstitutionId institution) external view returns (Institution memory record, bytes32 profile);

    /// @notice The record of one key.
    function keyOf(InstitutionId institution, Purpose purpose, bytes32 key) external view returns (KeyRecord memory);

    /// @notice The number of accreditation periods, and the one with this number (counted from 1).
    function accreditationOf(InstitutionId institution, SchemaId schema, uint32 period)
        external
        view
        returns (uint32 periods, Accreditation memory record);
}
