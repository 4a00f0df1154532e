using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

public sealed class MariaDbIdentityTests : IdentitySuite<MariaDbFixture>;

public sealed class MariaDbDuplicateTests : DuplicateSuite<MariaDbFixture>;

public sealed class MariaDbPublishAfterTests : PublishAfterSuite<MariaDbFixture>;

public sealed class MariaDbPostponeTests : PostponeSuite<MariaDbFixture>;

public sealed class MariaDbOrderTests : OrderSuite<MariaDbFixture>;

public sealed class MariaDbLeaseTests : LeaseSuite<MariaDbFixture>;

public sealed class MariaDbDeadLetterTests : DeadLetterSuite<MariaDbFixture>;

public sealed class MariaDbInputTests : InputSuite<MariaDbFixture>;

public sealed class MariaDbTransactionTests : TransactionSuite<MariaDbFixture>;

public sealed class MariaDbSchemaTests : SchemaSuite<MariaDbFixture>;

public sealed class MariaDbRepairTests : RepairSuite<MariaDbFixture>;

public sealed class MariaDbModelTests : ModelSuite<MariaDbFixture>;

public sealed class MariaDbLockingTests : LockingSuite<MariaDbFixture>;

public sealed class MariaDbLockWaitTests : LockWaitSuite<MariaDbFixture>;

public sealed class MariaDbBrokenConnectionTests : BrokenConnectionSuite<MariaDbFixture>;

public sealed class MariaDbRefusedContentTests : RefusedContentSuite<MariaDbFixture>;
