namespace BuildRunner.Orchestration.Tests.Crashes;

public sealed class SqliteCrashTests : SqlCrashSuite<SqliteBackend>
{
    protected override int Stride => 4;
}

public sealed class PostgreSqlCrashTests : SqlCrashSuite<PostgreSqlBackend>
{
    protected override int Stride => 8;
}

public sealed class MariaDbCrashTests : SqlCrashSuite<MariaDbBackend>
{
    protected override int Stride => 8;
}
