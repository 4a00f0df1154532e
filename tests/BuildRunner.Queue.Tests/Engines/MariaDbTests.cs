using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

[Slow]
public sealed class MariaDbIdentityTests : IdentitySuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbDuplicateTests : DuplicateSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbPublishAfterTests : PublishAfterSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbPostponeTests : PostponeSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbOrderTests : OrderSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbLeaseTests : LeaseSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbDeadLetterTests : DeadLetterSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbInputTests : InputSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbTransactionTests : TransactionSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbSchemaTests : SchemaSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbRepairTests : RepairSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbModelTests : ModelSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbLockingTests : LockingSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbLockWaitTests : LockWaitSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbSharedPublishTests : SharedPublishSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbBrokenConnectionTests : BrokenConnectionSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbRefusedContentTests : RefusedContentSuite<MariaDbFixture>;

[Slow]
public sealed class MariaDbSlowLookTests : SlowLookSuite<MariaDbFixture>;
