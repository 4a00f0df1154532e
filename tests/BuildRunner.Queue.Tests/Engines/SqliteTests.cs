using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

public sealed class SqliteIdentityTests : IdentitySuite<SqliteFixture>;

public sealed class SqliteDuplicateTests : DuplicateSuite<SqliteFixture>;

public sealed class SqlitePublishAfterTests : PublishAfterSuite<SqliteFixture>;

public sealed class SqlitePostponeTests : PostponeSuite<SqliteFixture>;

public sealed class SqliteOrderTests : OrderSuite<SqliteFixture>;

public sealed class SqliteLeaseTests : LeaseSuite<SqliteFixture>;

public sealed class SqliteDeadLetterTests : DeadLetterSuite<SqliteFixture>;

public sealed class SqliteInputTests : InputSuite<SqliteFixture>;

public sealed class SqliteTransactionTests : TransactionSuite<SqliteFixture>;

public sealed class SqliteSchemaTests : SchemaSuite<SqliteFixture>;

public sealed class SqliteRepairTests : RepairSuite<SqliteFixture>;

public sealed class SqliteModelTests : ModelSuite<SqliteFixture>;

public sealed class SqliteRefusedContentTests : RefusedContentSuite<SqliteFixture>;
