// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CredentialRegistry} from "../credentials/CredentialRegistry.sol";
import {Committee} from "../governance/Committee.sol";
import {InstitutionRegistry} from "../institutions/InstitutionRegistry.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import "../types/Types.sol";

interface Vm {
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 time) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectRevert() external;
    function expectPartialRevert(bytes4 selector) external;
    function prank(address sender) external;
    function assume(bool condition) external pure;
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function getNonce(address account) external view returns (uint64);
}

/// @dev Five founders as in the scenario: a bureau, two colleges, an enterprise, an evaluator; one schema.
abstract contract Base {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 internal constant GENESIS = keccak256("genesis");
    SchemaId internal constant SCHEMA = SchemaId.wrap(keccak256("schema"));
    uint256 internal constant BUREAU = 0;
    uint256 internal constant COLLEGE_A = 1;
    uint256 internal constant ENTERPRISE = 2;
    uint256 internal constant COLLEGE_C = 3;
    uint256 internal constant EVALUATOR = 4;
    uint256 internal constant STRANGER = 5;
    uint256 internal constant START = 1_735_689_600;

    InstitutionRegistry internal institutions;
    Committee internal committee;
    CredentialRegistry internal credentials;
    uint256 private _nonce;

    function setUp() public virtual {
        vm.warp(START);
        InstitutionInit[] memory founders = new InstitutionInit[](5);
        MemberInit[] memory members = new MemberInit[](5);
        Kind[5] memory kinds = [Kind.GOVERNMENT, Kind.COLLEGE, Kind.ENTERPRISE, Kind.COLLEGE, Kind.EVALUATOR];
        Sector[5] memory sectors =
            [Sector.GOVERNMENT, Sector.COLLEGE, Sector.ENTERPRISE, Sector.COLLEGE, Sector.NONE];
        for (uint256 i = 0; i < 5; ++i) {
            KeyInit[] memory keys = new KeyInit[](5);
            Purpose[5] memory purposes =
                [Purpose.REGISTER, Purpose.APPROVE, Purpose.VOTE, Purpose.WITNESS, Purpose.CUSTODY];
            for (uint256 j = 0; j < 5; ++j) {
                keys[j] = KeyInit(purposes[j], Algorithm.SECP256K1, word(i, purposes[j]));
            }
            founders[i] = InstitutionInit(id(i), kinds[i], keccak256(abi.encode("profile", i)), keys);
            members[i] = MemberInit(id(i), sectors[i]);
        }
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        institutions = new InstitutionRegistry(predicted, GENESIS, founders);
        committee = new Committee(institutions, GENESIS, 3, members);
        credentials = new CredentialRegistry(institutions, GENESIS);
        require(address(committee) == predicted, "committee address");
        vm.prank(address(committee));
        institutions.accredit(id(COLLEGE_A), SCHEMA, uint40(START), uint40(START + 365 days));
    }

    function id(uint256 who) internal pure returns (InstitutionId) {
        return InstitutionId.wrap(keccak256(abi.encode("institution", who)));
    }

    function secret(uint256 who, Purpose purpose) internal pure returns (uint256) {
        return 1 + uint256(keccak256(abi.encode(who, purpose))) % (2 ** 250);
    }

    function word(uint256 who, Purpose purpose) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(vm.addr(secret(who, purpose)))));
    }

    function nonce() internal returns (uint256) {
        return ++_nonce;
    }

    function signAs(uint256 who, Purpose purpose, bytes32 separator, bytes32 structHash)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", separator, structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret(who, purpose), digest);
        return abi.encodePacked(r, s, v);
    }

    function check(bool condition, string memory what) internal pure {
        require(condition, what);
    }

    // proposals and votes

    function proposal(Call[] memory calls) internal returns (ICommittee.Proposal memory p, ProposalId) {
        p = ICommittee.Proposal(id(BUREAU), 0, keccak256(abi.encode(calls)), uint64(block.timestamp + 7 days), nonce());
        return (p, ProposalId.wrap(proposalHash(p)));
    }

    function proposalHash(ICommittee.Proposal memory p) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("Proposal(bytes32 proposer,uint8 class,bytes32 calls,uint64 closesAt,uint256 nonce)"),
                p.proposer,
                p.class,
                p.calls,
                p.closesAt,
                p.nonce
            )
        );
    }

    function open(Call[] memory calls) internal returns (ProposalId) {
        (ICommittee.Proposal memory p,) = proposal(calls);
        return committee.propose(p, signAs(BUREAU, Purpose.VOTE, committee.domainSeparator(), proposalHash(p)));
    }

    function ballot(ProposalId p, uint256 who, Choice choice)
        internal
        view
        returns (ICommittee.Vote memory v, bytes memory signature)
    {
        v = ICommittee.Vote(p, id(who), choice);
        bytes32 structHash =
            keccak256(abi.encode(keccak256("Vote(bytes32 proposal,bytes32 member,uint8 choice)"), p, id(who), choice));
        signature = signAs(who, Purpose.VOTE, committee.domainSeparator(), structHash);
    }

    function cast(ProposalId p, uint256 who, Choice choice) internal {
        (ICommittee.Vote memory v, bytes memory signature) = ballot(p, who, choice);
        committee.castVote(v, signature);
    }

    // anchors

    function anchorMessage() internal returns (ICredentialRegistry.Anchor memory) {
        return ICredentialRegistry.Anchor(
            id(COLLEGE_A), keccak256("root"), 200, SCHEMA, keccak256("manifest"), nonce(), uint64(block.timestamp + 30 days)
        );
    }

    function anchorHash(ICredentialRegistry.Anchor memory m) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Anchor(bytes32 institution,bytes32 root,uint64 count,bytes32 schema,bytes32 manifest,uint256 nonce,uint64 deadline)"
                ),
                m.institution,
                m.root,
                m.count,
                m.schema,
                m.manifest,
                m.nonce,
                m.deadline
            )
        );
    }

    function signedAnchor(ICredentialRegistry.Anchor memory m, uint256 who, Purpose purpose)
        internal
        view
        returns (bytes memory)
    {
        return signAs(who, purpose, credentials.domainSeparator(), anchorHash(m));
    }

    function custodian(ICredentialRegistry.Anchor memory m, uint256 who)
        internal
        view
        returns (ICredentialRegistry.Custodian memory)
    {
        bytes32 structHash = keccak256(
            abi.encode(keccak256("Custody(bytes32 root,uint64 count,bytes32 manifest)"), m.root, m.count, m.manifest)
        );
        return ICredentialRegistry.Custodian(id(who), signAs(who, Purpose.CUSTODY, credentials.domainSeparator(), structHash));
    }

    function anchorWith(ICredentialRegistry.Anchor memory m, uint256 first, uint256 second) internal {
        ICredentialRegistry.Custodian[2] memory custodians = [custodian(m, first), custodian(m, second)];
        credentials.anchor(
            m, signedAnchor(m, COLLEGE_A, Purpose.REGISTER), signedAnchor(m, COLLEGE_A, Purpose.APPROVE), custodians
        );
    }
}
