using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

[Slow]
public sealed class MariaDbRoundTripTests : RoundTripSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbSaveTests : SaveSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbListTests : ListSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbCommitTests : CommitSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbSqlStoreTests : SqlStoreSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbMeanwhileTests : MeanwhileSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbLockedStoreTests : LockedStoreSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbTogetherTests : TogetherSuite<MariaDbStoreFixture>;

[Slow]
public sealed class MariaDbPlanTests : PlanSuite<MariaDbStoreFixture>;
