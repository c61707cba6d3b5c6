"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table('account',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('batch',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('DRAFT', 'RELEASED', 'SIGNED', 'ANCHORING', 'SEALED', 'DELIVERED', 'RETURNED', name='batchstate'), nullable=False),
    sa.Column('source_digest', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('catalogue', sa.JSON(), nullable=False),
    sa.Column('imported_by', sa.String(), nullable=False),
    sa.Column('imported_at', sa.DateTime(), nullable=False),
    sa.Column('released_by', sa.String(), nullable=True),
    sa.Column('released_at', sa.DateTime(), nullable=True),
    sa.Column('anchor', sa.JSON(), nullable=True),
    sa.Column('manifest', sa.LargeBinary(), nullable=True),
    sa.Column('anchored_at', sa.Integer(), nullable=True),
    sa.Column('anchor_gas', sa.Integer(), nullable=True),
    sa.Column('problem', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('source_digest')
    )
    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_batch_state'), ['state'], unique=False)

    op.create_table('chain_event',
    sa.Column('block', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('timestamp', sa.Integer(), nullable=False),
    sa.Column('transaction', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('args', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('block', 'position')
    )
    with op.batch_alter_table('chain_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chain_event_name'), ['name'], unique=False)

    op.create_table('checkpoint_signature',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('witness', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('number', 'witness')
    )
    op.create_table('custody_signature',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('institution', sa.String(), nullable=False),
    sa.Column('signature', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('digest', 'institution')
    )
    op.create_table('evidence_object',
    sa.Column('cid', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('wrapped_key', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('cid')
    )
    with op.batch_alter_table('evidence_object', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_object_subject'), ['subject'], unique=False)

    op.create_table('held_manifest',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('institution', sa.String(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('held_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_table('learner_account',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('number_index', sa.String(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('number_index')
    )
    op.create_table('manifest_request',
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('institution', sa.String(), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('digest')
    )
    op.create_table('outbox_message',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('target', sa.String(), nullable=False),
    sa.Column('function', sa.String(), nullable=False),
    sa.Column('args', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('PENDING', 'DONE', 'REFUSED', name='outboxstate'), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('key')
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_message_state'), ['state'], unique=False)

    op.create_table('proposal_text',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('calls', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('status_list',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('registrar', sa.String(), nullable=False),
    sa.Column('dirty', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('encoded', sa.String(), nullable=False),
    sa.Column('staged_version', sa.Integer(), nullable=False),
    sa.Column('staged_encoded', sa.String(), nullable=False),
    sa.Column('announced', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    op.create_table('status_version',
    sa.Column('institution', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('encoded', sa.String(), nullable=False),
    sa.Column('credential', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('institution', 'number', 'version')
    )
    op.create_table('witnessed_block',
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('block_hash', sa.String(), nullable=False),
    sa.Column('state_root', sa.String(), nullable=False),
    sa.Column('reported', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('number')
    )
    with op.batch_alter_table('witnessed_block', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_witnessed_block_reported'), ['reported'], unique=False)

    op.create_table('credential',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('batch_id', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('learner_id', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('signed', sa.Boolean(), nullable=False),
    sa.Column('evidence', sa.String(), nullable=True),
    sa.Column('leaf', sa.LargeBinary(), nullable=True),
    sa.Column('revocation_list', sa.Integer(), nullable=True),
    sa.Column('revocation_index', sa.Integer(), nullable=True),
    sa.Column('suspension_list', sa.Integer(), nullable=True),
    sa.Column('suspension_index', sa.Integer(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('revoked_by', sa.String(), nullable=True),
    sa.Column('revocation_reason', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batch.id'], ),
    sa.ForeignKeyConstraint(['learner_id'], ['learner_account.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('batch_id', 'position'),
    sa.UniqueConstraint('revocation_list', 'revocation_index'),
    sa.UniqueConstraint('suspension_list', 'suspension_index')
    )
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_credential_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_credential_learner_id'), ['learner_id'], unique=False)



def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('credential', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_credential_learner_id'))
        batch_op.drop_index(batch_op.f('ix_credential_batch_id'))

    op.drop_table('credential')
    with op.batch_alter_table('witnessed_block', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_witnessed_block_reported'))

    op.drop_table('witnessed_block')
    op.drop_table('status_version')
    op.drop_table('status_list')
    op.drop_table('proposal_text')
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_message_state'))

    op.drop_table('outbox_message')
    op.drop_table('manifest_request')
    op.drop_table('learner_account')
    op.drop_table('held_manifest')
    with op.batch_alter_table('evidence_object', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_object_subject'))

    op.drop_table('evidence_object')
    op.drop_table('custody_signature')
    op.drop_table('checkpoint_signature')
    with op.batch_alter_table('chain_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chain_event_name'))

    op.drop_table('chain_event')
    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_batch_state'))

    op.drop_table('batch')
    op.drop_table('account')
