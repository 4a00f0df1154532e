using BuildRunner.Sqlite;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that choose a SQLite file as the database.</summary>
public static class SqliteQueueBuilderExtensions
{
    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a SQLite file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">The connection string, such as <c>Data Source=queue.db</c>.</param>
    /// <inheritdoc cref="UseSqlite{TBuilder}(TBuilder, Action{SqliteOptions})" path="/typeparam|/returns|/remarks|/exception"/>
    public static TBuilder UseSqlite<TBuilder>(this TBuilder builder, string connectionString)
        where TBuilder : IQueueBuilder => builder.UseSqlite(options => options.ConnectionString = connectionString);

    /// <summary>Keeps the messages, and the builds of <c>AddBuildOrchestration</c>, in a SQLite file.</summary>
    /// <typeparam name="TBuilder">The type of the builder.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">The action that configures the options. They are validated when the host starts, or at first use.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <remarks>Also adds an <see cref="ITransactionalPublisher"/>. Replaces a previous database: the last call wins.</remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static TBuilder UseSqlite<TBuilder>(this TBuilder builder, Action<SqliteOptions> configure)
        where TBuilder : IQueueBuilder
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseDatabase(
            "BuildRunner.Sqlite",
            services =>
            {
                services.AddOptions<SqliteOptions>().Configure(configure).ValidateOnStart();
                services.AddSingleton<IValidateOptions<SqliteOptions>, SqliteOptionsValidator>();
            },
            static (provider, logger) => new SqliteQueueDatabase(
                provider.GetRequiredService<IOptions<SqliteOptions>>().Value.ConnectionString, SqliteText.Clock, logger: logger));
    }
}
