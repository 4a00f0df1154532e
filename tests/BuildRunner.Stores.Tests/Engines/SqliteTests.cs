using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

public sealed class SqliteRoundTripTests : RoundTripSuite<SqliteStoreFixture>;

public sealed class SqliteSaveTests : SaveSuite<SqliteStoreFixture>;

public sealed class SqliteListTests : ListSuite<SqliteStoreFixture>;

public sealed class SqliteCommitTests : CommitSuite<SqliteStoreFixture>;

public sealed class SqliteSqlStoreTests : SqlStoreSuite<SqliteStoreFixture>;

public sealed class SqliteMeanwhileTests : MeanwhileSuite<SqliteStoreFixture>;

public sealed class SqliteTogetherTests : TogetherSuite<SqliteStoreFixture>;

public sealed class SqlitePlanTests : PlanSuite<SqliteStoreFixture>;
