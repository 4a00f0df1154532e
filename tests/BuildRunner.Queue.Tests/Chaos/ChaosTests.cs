namespace BuildRunner.Queue.Tests.Chaos;

public sealed class SqliteChaosTests : ChaosSuite<SqliteChaosDatabase>;

public sealed class PostgreSqlChaosTests : ChaosSuite<PostgreSqlChaosDatabase>;

public sealed class MariaDbChaosTests : ChaosSuite<MariaDbChaosDatabase>;
