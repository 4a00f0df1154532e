using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Engines;

public sealed class PostgreSqlRoundTripTests : RoundTripSuite<PostgreSqlStoreFixture>;

public sealed class PostgreSqlSaveTests : SaveSuite<PostgreSqlStoreFixture>;

public sealed class PostgreSqlListTests : ListSuite<PostgreSqlStoreFixture>;

public sealed class PostgreSqlSqlStoreTests : SqlStoreSuite<PostgreSqlStoreFixture>;

public sealed class PostgreSqlLockedStoreTests : LockedStoreSuite<PostgreSqlStoreFixture>;
