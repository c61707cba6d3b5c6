// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICommittee} from "../interfaces/ICommittee.sol";
import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {Call, Choice, InstitutionId, MemberInit, ProposalId, ProposalState, Purpose, Sector} from "../types/Types.sol";

/// @title The joint committee; see ICommittee.
contract Committee is ICommittee, MessageDomain {
    bytes32 private constant _PROPOSAL_TYPEHASH =
        keccak256("Proposal(bytes32 proposer,uint8 class,bytes32 calls,uint64 closesAt,uint256 nonce)");
    bytes32 private constant _VOTE_TYPEHASH = keccak256("Vote(bytes32 proposal,bytes32 member,uint8 choice)");
    uint8 private constant _ALL_SECTORS =
        uint8((1 << uint8(Sector.GOVERNMENT)) | (1 << uint8(Sector.COLLEGE)) | (1 << uint8(Sector.ENTERPRISE)));

    struct Member {
        bool admitted;
        Sector sector;
    }

    IInstitutionRegistry private immutable _institutions;

    uint8 private _quorum;
    uint32 private _memberCount;
    mapping(InstitutionId institution => Member) private _members;
    mapping(Sector sector => uint256 count) private _sectorCounts;
    mapping(ProposalId proposal => Tally) private _tallies;
    mapping(ProposalId proposal => bytes32 calls) private _calls;
    mapping(ProposalId proposal => mapping(InstitutionId member => Choice)) private _votes;
    mapping(bytes32 name => address[]) private _registers;
    mapping(ProposalId proposal => InstitutionId[]) private _yesVoters;

    modifier onlySelf() {
        if (msg.sender != address(this)) revert CommitteeOnlySelf(msg.sender);
        _;
    }

    constructor(IInstitutionRegistry institutions, bytes32 genesisHash, uint8 quorum, MemberInit[] memory members)
        MessageDomain(genesisHash)
    {
        _institutions = institutions;
        for (uint256 i = 0; i < members.length; ++i) {
            _admit(members[i].institution, members[i].sector);
        }
        _changeQuorum(quorum);
    }

    /// @inheritdoc ICommittee
    function propose(Proposal calldata proposal, bytes calldata signature) public returns (ProposalId id) {
        _useNonce(proposal.proposer, proposal.nonce, proposal.closesAt);
        bytes32 structHash = keccak256(
            abi.encode(
                _PROPOSAL_TYPEHASH, proposal.proposer, proposal.class, proposal.calls, proposal.closesAt, proposal.nonce
            )
        );
        _requireMember(proposal.proposer, _signerKey(_digest(structHash), signature));
        id = ProposalId.wrap(structHash);
        _tallies[id].state = ProposalState.OPEN;
        _tallies[id].closesAt = proposal.closesAt;
        _calls[id] = proposal.calls;
        emit ProposalOpened(id, proposal.proposer, proposal.class, proposal.calls, proposal.closesAt);
    }

    /// @inheritdoc ICommittee
    function castVote(Vote calldata vote, bytes calldata signature) public {
        ProposalId id = vote.proposal;
        Tally storage tally = _tallies[id];
        if (tally.state != ProposalState.OPEN) revert CommitteeProposalState(id, tally.state);
        if (block.timestamp > tally.closesAt) revert CommitteeClosed(id, tally.closesAt);
        if (vote.choice == Choice.NONE) revert CommitteeNoChoice(id, vote.member);
        if (_votes[id][vote.member] != Choice.NONE) revert CommitteeAlreadyVoted(id, vote.member);
        bytes32 structHash = keccak256(abi.encode(_VOTE_TYPEHASH, id, vote.member, vote.choice));
        _requireMember(vote.member, _signerKey(_digest(structHash), signature));
        _votes[id][vote.member] = vote.choice;
        emit VoteCast(id, vote.member, vote.choice);
        if (vote.choice != Choice.YES) return;
        _yesVoters[id].push(vote.member);
        (tally.yes, tally.sectors) = _count(id);
        if (tally.yes >= _quorum && tally.sectors & _ALL_SECTORS == _ALL_SECTORS) {
            tally.state = ProposalState.ADOPTED;
            tally.decidedAt = uint40(block.timestamp);
            emit ProposalAdopted(id);
        }
    }

    /// @inheritdoc ICommittee
    function execute(ProposalId id, Call[] calldata calls) public {
        Tally storage tally = _tallies[id];
        if (tally.state != ProposalState.ADOPTED) revert CommitteeProposalState(id, tally.state);
        bytes32 given = keccak256(abi.encode(calls));
        if (given != _calls[id]) revert CommitteeCallsMismatch(_calls[id], given);
        tally.state = ProposalState.EXECUTED;
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory reason) = calls[i].target.call(calls[i].data);
            if (!ok) revert CommitteeCallFailed(i, reason);
        }
        emit ProposalExecuted(id);
    }

    /// @inheritdoc ICommittee
    function decide(
        Proposal calldata proposal,
        bytes calldata signature,
        SignedVote[] calldata votes,
        Call[] calldata calls
    ) external {
        ProposalId id = propose(proposal, signature);
        for (uint256 i = 0; i < votes.length; ++i) {
            castVote(votes[i].vote, votes[i].signature);
        }
        execute(id, calls);
    }

    /// @inheritdoc ICommittee
    function admitMember(InstitutionId institution, Sector sector) external onlySelf {
        _admit(institution, sector);
        _changeQuorum(_quorum);
    }

    /// @inheritdoc ICommittee
    function removeMember(InstitutionId institution) external onlySelf {
        Member storage member = _members[institution];
        if (!member.admitted) revert CommitteeNotMember(institution);
        _sectorCounts[member.sector] -= 1;
        _memberCount -= 1;
        delete _members[institution];
        emit MemberRemoved(institution);
        _changeQuorum(_quorum);
    }

    /// @inheritdoc ICommittee
    function setQuorum(uint8 quorum) external onlySelf {
        _changeQuorum(quorum);
    }

    /// @inheritdoc ICommittee
    function adoptRegister(bytes32 name, address register) external onlySelf {
        _registers[name].push(register);
        emit RegisterAdopted(name, _registers[name].length, register);
    }

    /// @inheritdoc ICommittee
    function memberOf(InstitutionId institution) external view returns (bool, Sector, uint256, uint8) {
        Member storage member = _members[institution];
        return (member.admitted, member.sector, _memberCount, _quorum);
    }

    /// @inheritdoc ICommittee
    function tallyOf(ProposalId proposal) external view returns (Tally memory) {
        return _tallies[proposal];
    }

    /// @inheritdoc ICommittee
    function voteOf(ProposalId proposal, InstitutionId member) external view returns (Choice) {
        return _votes[proposal][member];
    }

    /// @inheritdoc ICommittee
    function registersOf(bytes32 name) external view returns (address[] memory) {
        return _registers[name];
    }

    function _admit(InstitutionId institution, Sector sector) private {
        if (_members[institution].admitted) revert CommitteeAlreadyMember(institution);
        _members[institution] = Member({admitted: true, sector: sector});
        _sectorCounts[sector] += 1;
        _memberCount += 1;
        emit MemberAdmitted(institution, sector);
    }

    function _changeQuorum(uint8 quorum) private {
        bool everySector = _sectorCounts[Sector.GOVERNMENT] != 0 && _sectorCounts[Sector.COLLEGE] != 0
            && _sectorCounts[Sector.ENTERPRISE] != 0;
        if (!everySector || uint256(quorum) * 2 <= _memberCount || quorum > _memberCount) {
            revert CommitteeQuorumInvalid(quorum, _memberCount);
        }
        if (quorum != _quorum) {
            _quorum = quorum;
            emit QuorumChanged(quorum);
        }
    }

    /// @dev Counts the yes votes of those who are members and not suspended now; there are at most as many as members.
    function _count(ProposalId id) private view returns (uint8 yes, uint8 sectors) {
        InstitutionId[] storage voters = _yesVoters[id];
        for (uint256 i = 0; i < voters.length; ++i) {
            Member storage member = _members[voters[i]];
            if (!member.admitted || !_institutions.isActive(voters[i])) continue;
            yes += 1;
            sectors |= uint8(1 << uint8(member.sector));
        }
    }

    function _requireMember(InstitutionId institution, bytes32 key) private view {
        if (!_members[institution].admitted) revert CommitteeNotMember(institution);
        _institutions.requireKey(institution, Purpose.VOTE, key);
    }
}
