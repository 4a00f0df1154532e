using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

[Slow]
public sealed class PostgreSqlIdentityTests : IdentitySuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlDuplicateTests : DuplicateSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlPublishAfterTests : PublishAfterSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlPostponeTests : PostponeSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlOrderTests : OrderSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlLeaseTests : LeaseSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlDeadLetterTests : DeadLetterSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlInputTests : InputSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlTransactionTests : TransactionSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlSchemaTests : SchemaSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlRepairTests : RepairSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlModelTests : ModelSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlLockingTests : LockingSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlLockWaitTests : LockWaitSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlSharedPublishTests : SharedPublishSuite<PostgreSqlFixture>
{
    protected override bool WritesNew => true;
}

[Slow]
public sealed class PostgreSqlBrokenConnectionTests : BrokenConnectionSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlRefusedContentTests : RefusedContentSuite<PostgreSqlFixture>;

[Slow]
public sealed class PostgreSqlSlowLookTests : SlowLookSuite<PostgreSqlFixture>;
