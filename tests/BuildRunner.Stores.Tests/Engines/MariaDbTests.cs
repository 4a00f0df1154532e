using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

public sealed class MariaDbRoundTripTests : RoundTripSuite<MariaDbStoreFixture>;

public sealed class MariaDbSaveTests : SaveSuite<MariaDbStoreFixture>;

public sealed class MariaDbListTests : ListSuite<MariaDbStoreFixture>;

public sealed class MariaDbSqlStoreTests : SqlStoreSuite<MariaDbStoreFixture>;

public sealed class MariaDbLockedStoreTests : LockedStoreSuite<MariaDbStoreFixture>;
