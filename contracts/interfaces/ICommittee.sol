// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Call, Choice, InstitutionId, ProposalId, ProposalState, Sector} from "../types/Types.sol";

/// @title The joint committee: M-of-N votes with a yes from each sector (C-17); the one authority over the registers.
interface ICommittee {
    /// @notice Proposal message, signed by the proposer's vote key; `calls` is keccak256(abi.encode(Call[])).
    struct Proposal {
        InstitutionId proposer;
        uint8 class;
        bytes32 calls;
        uint64 closesAt;
        uint256 nonce;
    }

    /// @notice Vote message, signed by the member's vote key; one per member and proposal.
    struct Vote {
        ProposalId proposal;
        InstitutionId member;
        Choice choice;
    }

    /// @notice A vote with its signature.
    struct SignedVote {
        Vote vote;
        bytes signature;
    }

    /// @notice Where a proposal stands. `sectors` has bit n set once sector n has said yes.
    struct Tally {
        ProposalState state;
        uint8 yes;
        uint8 sectors;
        uint64 closesAt;
        uint40 decidedAt;
        bytes16 reserved;
    }

    /// @notice Thrown when another than the committee itself calls an administrative function.
    error CommitteeOnlySelf(address caller);
    /// @notice Thrown when the institution is no member, or a suspended one.
    error CommitteeNotMember(InstitutionId institution);
    /// @notice Thrown when the institution is a member already.
    error CommitteeAlreadyMember(InstitutionId institution);
    /// @notice Thrown when a member votes a second time.
    error CommitteeAlreadyVoted(ProposalId proposal, InstitutionId member);
    /// @notice Thrown when a vote names no choice.
    error CommitteeNoChoice(ProposalId proposal, InstitutionId member);
    /// @notice Thrown when the proposal is not in the state that the call needs.
    error CommitteeProposalState(ProposalId proposal, ProposalState state);
    /// @notice Thrown when a vote comes after the close, or a proposal closes in the past.
    error CommitteeClosed(ProposalId proposal, uint64 closesAt);
    /// @notice Thrown when the calls are not those of the proposal.
    error CommitteeCallsMismatch(bytes32 expected, bytes32 given);
    /// @notice Thrown when the quorum is not a majority of the members, or a sector would have no member.
    error CommitteeQuorumInvalid(uint256 quorum, uint256 members);
    /// @notice Thrown when an adopted call fails; `reason` is what it reverted with.
    error CommitteeCallFailed(uint256 index, bytes reason);

    event MemberAdmitted(InstitutionId indexed institution, Sector sector);
    event MemberRemoved(InstitutionId indexed institution);
    event QuorumChanged(uint8 quorum);
    event ProposalOpened(ProposalId indexed proposal, InstitutionId indexed proposer, uint8 class, bytes32 calls, uint64 closesAt);
    event VoteCast(ProposalId indexed proposal, InstitutionId indexed member, Choice choice);
    event ProposalAdopted(ProposalId indexed proposal);
    event ProposalExecuted(ProposalId indexed proposal);
    event RegisterAdopted(bytes32 indexed name, uint256 version, address register);

    /// @notice Opens a proposal.
    function propose(Proposal calldata proposal, bytes calldata signature) external returns (ProposalId);

    /// @notice Casts a member's vote; the proposal is adopted at the vote that fulfils quorum and sectors.
    function castVote(Vote calldata vote, bytes calldata signature) external;

    /// @notice Makes the calls of an adopted proposal, once, all or none.
    function execute(ProposalId proposal, Call[] calldata calls) external;

    /// @notice Opens, votes and executes in one transaction, with all signatures given before.
    function decide(Proposal calldata proposal, bytes calldata signature, SignedVote[] calldata votes, Call[] calldata calls)
        external;

    /// @notice Admits a member. The committee itself only.
    function admitMember(InstitutionId institution, Sector sector) external;

    /// @notice Removes a member; every sector keeps at least one. The committee itself only.
    function removeMember(InstitutionId institution) external;

    /// @notice Changes the number of yes votes needed. The committee itself only.
    function setQuorum(uint8 quorum) external;

    /// @notice Adds a version of a register to the directory; earlier versions stay readable. The committee itself only.
    function adoptRegister(bytes32 name, address register) external;

    /// @notice Whether the institution is a member, its sector, the number of members and the quorum.
    function memberOf(InstitutionId institution)
        external
        view
        returns (bool isMember, Sector sector, uint256 members, uint8 quorum);

    /// @notice Where a proposal stands.
    function tallyOf(ProposalId proposal) external view returns (Tally memory);

    /// @notice A member's vote.
    function voteOf(ProposalId proposal, InstitutionId member) external view returns (Choice);

    /// @notice All versions of a register, oldest first.
    function registersOf(bytes32 name) external view returns (address[] memory);
}
