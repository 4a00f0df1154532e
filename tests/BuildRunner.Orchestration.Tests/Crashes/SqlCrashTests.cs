namespace BuildRunner.Orchestration.Tests.Crashes;

[Slow]
public sealed class SqliteCrashTests : SqlCrashSuite<SqliteBackend>
{
    protected override int Stride => 4;
}

[Slow]
public sealed class PostgreSqlCrashTests : SqlCrashSuite<PostgreSqlBackend>
{
    protected override int Stride => 8;
}

[Slow]
public sealed class MariaDbCrashTests : SqlCrashSuite<MariaDbBackend>
{
    protected override int Stride => 8;
}
