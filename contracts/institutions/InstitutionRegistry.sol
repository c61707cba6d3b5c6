// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {Algorithm, InstitutionId, InstitutionInit, KeyInit, Kind, Purpose, SchemaId} from "../types/Types.sol";

/// @title The registry of institutions, their keys and accreditations; see IInstitutionRegistry.
/// @dev Slots 0..8 belong to this version; a verifier reads _institutions, _profiles, _keys, _periods and
///      _accreditations by storage proof, each record in one slot.
contract InstitutionRegistry is IInstitutionRegistry, MessageDomain {
    bytes32 private constant _ADD_KEY_TYPEHASH = keccak256(
        "AddKey(bytes32 institution,uint8 purpose,uint8 algorithm,bytes32 key,uint64 from,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant _CLOSE_KEY_TYPEHASH = keccak256(
        "CloseKey(bytes32 institution,uint8 purpose,bytes32 key,uint64 until,uint64 cutOff,uint256 nonce,uint64 deadline)"
    );

    address private immutable _committee;

    mapping(InstitutionId institution => Institution) private _institutions;
    mapping(InstitutionId institution => bytes32 profile) private _profiles;
    mapping(bytes32 keyId => KeyRecord) private _keys;
    mapping(bytes32 scope => uint32 count) private _epochs;
    mapping(bytes32 key => bool) private _keyUsed;
    mapping(bytes32 scope => uint32 count) private _periods;
    mapping(bytes32 periodId => Accreditation) private _accreditations;

    modifier onlyCommittee() {
        if (msg.sender != _committee) revert InstitutionsNotCommittee(msg.sender);
        _;
    }

    constructor(address committee, bytes32 genesisHash, InstitutionInit[] memory founders) MessageDomain(genesisHash) {
        _committee = committee;
        for (uint256 i = 0; i < founders.length; ++i) {
            _register(founders[i]);
        }
    }

    /// @inheritdoc IInstitutionRegistry
    function register(InstitutionInit calldata institution) external onlyCommittee {
        _register(institution);
    }

    /// @inheritdoc IInstitutionRegistry
    function setProfile(InstitutionId institution, bytes32 profile) external onlyCommittee {
        _known(institution);
        _profiles[institution] = profile;
        emit InstitutionProfileChanged(institution, profile);
    }

    /// @inheritdoc IInstitutionRegistry
    function accredit(InstitutionId institution, SchemaId schema, uint40 from, uint40 until) external onlyCommittee {
        _known(institution);
        bytes32 scope = _scope(institution, SchemaId.unwrap(schema));
        uint32 period = _periods[scope];
        Accreditation storage last = _accreditations[_periodId(institution, schema, period)];
        uint40 lastEnd = last.withdrawnAt != 0 && last.withdrawnAt < last.until ? last.withdrawnAt : last.until;
        if (from == 0 || until <= from || (period != 0 && from < lastEnd)) {
            revert InstitutionsPeriodInvalid(institution, schema, from, until);
        }
        _periods[scope] = ++period;
        _accreditations[_periodId(institution, schema, period)] = Accreditation({from: from, until: until, withdrawnAt: 0});
        emit AccreditationGranted(institution, schema, period, from, until);
    }

    /// @inheritdoc IInstitutionRegistry
    function withdrawAccreditation(InstitutionId institution, SchemaId schema) external onlyCommittee {
        uint32 period = _periods[_scope(institution, SchemaId.unwrap(schema))];
        bool any;
        for (; period != 0; --period) {
            Accreditation storage record = _accreditations[_periodId(institution, schema, period)];
            if (record.withdrawnAt != 0 || record.until <= block.timestamp) break;
            record.withdrawnAt = uint40(block.timestamp);
            any = true;
            emit AccreditationWithdrawn(institution, schema, period);
        }
        if (!any) revert InstitutionsNotAccredited(institution, schema);
    }

    /// @inheritdoc IInstitutionRegistry
    function suspend(InstitutionId institution) external onlyCommittee {
        Institution storage record = _known(institution);
        if (record.suspendedAt != 0) revert InstitutionsSuspended(institution, record.suspendedAt);
        record.suspendedAt = uint40(block.timestamp);
        record.suspensions += 1;
        emit InstitutionSuspended(institution);
    }

    /// @inheritdoc IInstitutionRegistry
    function reinstate(InstitutionId institution) external onlyCommittee {
        Institution storage record = _known(institution);
        if (record.suspendedAt == 0) revert InstitutionsNotSuspended(institution);
        record.suspendedAt = 0;
        emit InstitutionReinstated(institution);
    }

    /// @inheritdoc IInstitutionRegistry
    function closeKeyOf(InstitutionId institution, Purpose purpose, bytes32 key, uint64 until, uint64 cutOff)
        external
        onlyCommittee
    {
        _closeKey(institution, purpose, key, until, cutOff);
    }

    /// @inheritdoc IInstitutionRegistry
    function addKeyOf(InstitutionId institution, Purpose purpose, Algorithm algorithm, bytes32 key, uint64 from)
        external
        onlyCommittee
    {
        _known(institution);
        _addKey(institution, KeyInit({purpose: purpose, algorithm: algorithm, key: key}), from);
    }

    /// @inheritdoc IInstitutionRegistry
    function addKey(AddKey calldata m, bytes calldata signature) external {
        _useNonce(m.institution, m.nonce, m.deadline);
        bytes32 digest = _digest(
            keccak256(
                abi.encode(
                    _ADD_KEY_TYPEHASH, m.institution, m.purpose, m.algorithm, m.key, m.from, m.nonce, m.deadline
                )
            )
        );
        _requireActive(m.institution);
        _requireLive(m.institution, Purpose.VOTE, _signerKey(digest, signature));
        _addKey(m.institution, KeyInit({purpose: m.purpose, algorithm: m.algorithm, key: m.key}), m.from);
    }

    /// @inheritdoc IInstitutionRegistry
    function closeKey(CloseKey calldata m, bytes calldata signature) external {
        _useNonce(m.institution, m.nonce, m.deadline);
        bytes32 digest = _digest(
            keccak256(
                abi.encode(_CLOSE_KEY_TYPEHASH, m.institution, m.purpose, m.key, m.until, m.cutOff, m.nonce, m.deadline)
            )
        );
        _requireLive(m.institution, Purpose.VOTE, _signerKey(digest, signature));
        _closeKey(m.institution, m.purpose, m.key, m.until, m.cutOff);
    }

    /// @inheritdoc IInstitutionRegistry
    function requireKey(InstitutionId institution, Purpose purpose, bytes32 key) external view {
        _requireActive(institution);
        _requireLive(institution, purpose, key);
    }

    /// @inheritdoc IInstitutionRegistry
    function requireIssuer(InstitutionId institution, SchemaId schema, bytes32 registrar, bytes32 approver) external view {
        _requireActive(institution);
        uint32 period = _periods[_scope(institution, SchemaId.unwrap(schema))];
        while (period != 0 && block.timestamp < _accreditations[_periodId(institution, schema, period)].from) --period;
        Accreditation storage record = _accreditations[_periodId(institution, schema, period)];
        if (period == 0 || block.timestamp >= record.until || record.withdrawnAt != 0) {
            revert InstitutionsNotAccredited(institution, schema);
        }
        _requireLive(institution, Purpose.REGISTER, registrar);
        _requireLive(institution, Purpose.APPROVE, approver);
    }

    /// @inheritdoc IInstitutionRegistry
    function isActive(InstitutionId institution) external view returns (bool) {
        Institution storage record = _institutions[institution];
        return record.kind != Kind.NONE && record.suspendedAt == 0;
    }

    /// @inheritdoc IInstitutionRegistry
    function institutionOf(InstitutionId institution) external view returns (Institution memory, bytes32) {
        return (_institutions[institution], _profiles[institution]);
    }

    /// @inheritdoc IInstitutionRegistry
    function keyOf(InstitutionId institution, Purpose purpose, bytes32 key) external view returns (KeyRecord memory) {
        return _keys[_keyId(institution, purpose, key)];
    }

    /// @inheritdoc IInstitutionRegistry
    function accreditationOf(InstitutionId institution, SchemaId schema, uint32 period)
        external
        view
        returns (uint32, Accreditation memory)
    {
        return (
            _periods[_scope(institution, SchemaId.unwrap(schema))],
            _accreditations[_periodId(institution, schema, period)]
        );
    }

    function _register(InstitutionInit memory init) private {
        InstitutionId institution = init.institution;
        if (_institutions[institution].kind != Kind.NONE) revert InstitutionsAlreadyRegistered(institution);
        if (init.kind == Kind.NONE) revert InstitutionsUnknown(institution);
        _institutions[institution] =
            Institution({kind: init.kind, registeredAt: uint40(block.timestamp), suspendedAt: 0, suspensions: 0});
        _profiles[institution] = init.profile;
        emit InstitutionRegistered(institution, init.kind, init.profile);
        for (uint256 i = 0; i < init.keys.length; ++i) {
            _addKey(institution, init.keys[i], 0);
        }
    }

    function _addKey(InstitutionId institution, KeyInit memory init, uint64 from) private {
        uint64 start = from == 0 ? uint64(block.timestamp) : from;
        Algorithm wanted = init.purpose == Purpose.ASSERT ? Algorithm.ED25519 : Algorithm.SECP256K1;
        bool wrongBytes = init.key == 0 || (wanted == Algorithm.SECP256K1 && uint256(init.key) >> 160 != 0);
        if (
            init.purpose == Purpose.NONE || init.algorithm != wanted || wrongBytes || start < block.timestamp
                || start > type(uint40).max
        ) {
            revert InstitutionsKeyInvalid(institution, init.purpose, init.key);
        }
        if (_keyUsed[init.key]) revert InstitutionsKeyInUse(init.key);
        _keyUsed[init.key] = true;
        uint32 epoch = ++_epochs[_scope(institution, bytes32(uint256(uint8(init.purpose))))];
        _keys[_keyId(institution, init.purpose, init.key)] =
            KeyRecord({algorithm: init.algorithm, epoch: epoch, from: uint40(start), until: 0, cutOff: 0});
        emit KeyAdded(institution, init.purpose, init.algorithm, init.key, epoch, uint40(start));
    }

    /// @dev An end is never back-dated and never put off; a cut-off may lie in the past and only moves to an earlier
    ///      time. A key that is closed already can still be reported as compromised.
    function _closeKey(InstitutionId institution, Purpose purpose, bytes32 key, uint64 until, uint64 cutOff) private {
        KeyRecord storage record = _keys[_keyId(institution, purpose, key)];
        if (record.epoch == 0) revert InstitutionsKeyNotLive(institution, purpose, key);
        uint64 end = until == 0 ? uint64(block.timestamp) : until;
        if (until == 0 && record.until != 0 && record.until < end) end = record.until;
        bool moves = end != record.until;
        bool reopens = (record.until != 0 && end > record.until) || (record.cutOff != 0 && cutOff > record.cutOff);
        if (moves && end < block.timestamp || reopens || end > type(uint40).max || cutOff > block.timestamp) {
            revert InstitutionsKeyInvalid(institution, purpose, key);
        }
        record.until = uint40(end);
        if (cutOff != 0) record.cutOff = uint40(cutOff);
        emit KeyClosed(institution, purpose, key, uint40(end), record.cutOff);
    }

    function _known(InstitutionId institution) private view returns (Institution storage record) {
        record = _institutions[institution];
        if (record.kind == Kind.NONE) revert InstitutionsUnknown(institution);
    }

    function _requireActive(InstitutionId institution) private view {
        Institution storage record = _known(institution);
        if (record.suspendedAt != 0) revert InstitutionsSuspended(institution, record.suspendedAt);
    }

    function _requireLive(InstitutionId institution, Purpose purpose, bytes32 key) private view {
        KeyRecord storage record = _keys[_keyId(institution, purpose, key)];
        uint256 time = block.timestamp;
        bool live = record.epoch != 0 && time >= record.from && (record.until == 0 || time < record.until)
            && (record.cutOff == 0 || time < record.cutOff);
        if (!live) revert InstitutionsKeyNotLive(institution, purpose, key);
    }

    function _keyId(InstitutionId institution, Purpose purpose, bytes32 key) private pure returns (bytes32) {
        return keccak256(abi.encode(institution, purpose, key));
    }

    function _scope(InstitutionId institution, bytes32 part) private pure returns (bytes32) {
        return keccak256(abi.encode(institution, part));
    }

    function _periodId(InstitutionId institution, SchemaId schema, uint32 period) private pure returns (bytes32) {
        return keccak256(abi.encode(institution, schema, period));
    }
}
