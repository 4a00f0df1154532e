using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.PostgreSql18;

[Slow]
public sealed class PostgreSql18IdentityTests : IdentitySuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18LeaseTests : LeaseSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18ModelTests : ModelSuite<PostgreSql18Fixture>;

[Slow]
public sealed class PostgreSql18LockingTests : LockingSuite<PostgreSql18Fixture>;
