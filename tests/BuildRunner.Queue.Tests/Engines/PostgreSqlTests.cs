using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

public sealed class PostgreSqlIdentityTests : IdentitySuite<PostgreSqlFixture>;

public sealed class PostgreSqlDuplicateTests : DuplicateSuite<PostgreSqlFixture>;

public sealed class PostgreSqlPublishAfterTests : PublishAfterSuite<PostgreSqlFixture>;

public sealed class PostgreSqlPostponeTests : PostponeSuite<PostgreSqlFixture>;

public sealed class PostgreSqlOrderTests : OrderSuite<PostgreSqlFixture>;

public sealed class PostgreSqlLeaseTests : LeaseSuite<PostgreSqlFixture>;

public sealed class PostgreSqlDeadLetterTests : DeadLetterSuite<PostgreSqlFixture>;

public sealed class PostgreSqlInputTests : InputSuite<PostgreSqlFixture>;

public sealed class PostgreSqlTransactionTests : TransactionSuite<PostgreSqlFixture>;

public sealed class PostgreSqlSchemaTests : SchemaSuite<PostgreSqlFixture>;

public sealed class PostgreSqlRepairTests : RepairSuite<PostgreSqlFixture>;

public sealed class PostgreSqlModelTests : ModelSuite<PostgreSqlFixture>;

public sealed class PostgreSqlLockingTests : LockingSuite<PostgreSqlFixture>;

public sealed class PostgreSqlLockWaitTests : LockWaitSuite<PostgreSqlFixture>;

public sealed class PostgreSqlBrokenConnectionTests : BrokenConnectionSuite<PostgreSqlFixture>;

public sealed class PostgreSqlRefusedContentTests : RefusedContentSuite<PostgreSqlFixture>;
