using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.PostgreSql18;

[Slow]
public sealed class PostgreSql18IdentityTests : IdentitySuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18DuplicateTests : DuplicateSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18PublishAfterTests : PublishAfterSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18PostponeTests : PostponeSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18OrderTests : OrderSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18LeaseTests : LeaseSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18DeadLetterTests : DeadLetterSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18InputTests : InputSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18TransactionTests : TransactionSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18SchemaTests : SchemaSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18RepairTests : RepairSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18ModelTests : ModelSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18LockingTests : LockingSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18LockWaitTests : LockWaitSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18BrokenConnectionTests : BrokenConnectionSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18RefusedContentTests : RefusedContentSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18SlowLookTests : SlowLookSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18SharedPublishTests : SharedPublishSuite<PostgreSql18Fixture>;
