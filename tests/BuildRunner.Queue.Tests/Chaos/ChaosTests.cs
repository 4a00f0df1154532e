namespace BuildRunner.Queue.Tests.Chaos;

[Slow]
public sealed class SqliteChaosTests : ChaosSuite<SqliteChaosDatabase>;

[Slow]
public sealed class PostgreSqlChaosTests : ChaosSuite<PostgreSqlChaosDatabase>;

[Slow]
public sealed class MariaDbChaosTests : ChaosSuite<MariaDbChaosDatabase>;
