using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

[Slow]
public sealed class PostgreSqlRoundTripTests : RoundTripSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlSaveTests : SaveSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlListTests : ListSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlCommitTests : CommitSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlSqlStoreTests : SqlStoreSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlMeanwhileTests : MeanwhileSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlLockedStoreTests : LockedStoreSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlTogetherTests : TogetherSuite<PostgreSqlStoreFixture>;

[Slow]
public sealed class PostgreSqlPlanTests : PlanSuite<PostgreSqlStoreFixture>;
