using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using NLog.Layouts;
using NLog.Targets;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Json;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace BuildRunner.Tests.Hosting;

/// <summary>Logging libraries print the keys of metadata and never a value.</summary>
public sealed partial class LoggedMetadataTests
{
    private const string Key = "queue";
    private const string Value = "hunter2";

    private static readonly BuildMetadata Metadata = [new(Key, Value)];

    private static readonly Dictionary<string, object> Logged = new()
    {
        ["metadata"] = Metadata,
        ["request"] = new BuildRequest { Head = [new("git:a")], Metadata = Metadata },
        ["snapshot"] = new BuildSnapshot { Status = BuildStatus.Failed, Metadata = Metadata },
        ["a record of the consumer"] = new Landed(new() { Metadata = Metadata }, new() { Status = BuildStatus.Failed, Metadata = Metadata }, Metadata),
        ["an array"] = new[] { Metadata },
    };

    public static TheoryData<string, string> Templates
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (var name in Logged.Keys)
            {
                rows.Add(name, "A {Value} Z");
                rows.Add(name, "A {@Value} Z");
            }

            foreach (var name in Logged.Keys.Where(name => Logged[name] is not Array))
            {
                rows.Add(name, "A {$Value} Z");
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Microsoft_Extensions_Logging_prints_no_value(string name, string template)
    {
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddSimpleConsole().AddJsonConsole().AddSystemdConsole().ClearProviders())
            .BuildServiceProvider();
        var logger = new FormattingLogger(services.GetServices<ConsoleFormatter>());

#pragma warning disable CA1848, CA2254 // The template is what is tested, by the method that an application calls.
        logger.LogWarning(template, Logged[name]);
#pragma warning restore CA1848, CA2254

        ShouldHaveTheKeyAlone(logger.Text, lines: 4);
    }

    [Fact]
    public void A_generated_log_method_prints_no_value()
    {
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.AddSimpleConsole().AddJsonConsole().AddSystemdConsole().ClearProviders())
            .BuildServiceProvider();
        var logger = new FormattingLogger(services.GetServices<ConsoleFormatter>());

        LogTriggered(logger, Metadata);

        ShouldHaveTheKeyAlone(logger.Text, lines: 4);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Serilog_prints_no_value(string name, string template)
    {
        var sink = new FormattingSink();
        using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();

        logger.Warning(template, Logged[name]);

        ShouldHaveTheKeyAlone(sink.Text, lines: 2);
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void NLog_prints_no_value(string name, string template)
    {
        using var factory = new NLog.LogFactory();
        using var text = new MemoryTarget { Layout = "${message}" };
        using var json = new MemoryTarget { Layout = new JsonLayout { IncludeEventProperties = true, MaxRecursionLimit = 5 } };
        factory.Configuration = new NLog.Config.LoggingConfiguration(factory);
        factory.Configuration.AddRuleForAllLevels(text);
        factory.Configuration.AddRuleForAllLevels(json);
        factory.ReconfigExistingLoggers();

        factory.GetLogger("test").Warn(template, Logged[name]);

        ShouldHaveTheKeyAlone(string.Join('\n', text.Logs.Concat(json.Logs)), lines: 2);
    }

    [Fact]
    public void Neither_a_format_nor_an_interpolation_prints_a_value()
    {
        string[] texts =
        [
            $"{Metadata}",
            $"{Metadata,40}",
            string.Format(null, "{0}", Metadata),
            string.Join(", ", Metadata, Metadata),
            string.Concat("", Metadata),
            Convert.ToString(Metadata, null)!,
            new StringBuilder().Append(Metadata).ToString(),
        ];

        texts.Should().OnlyContain(text => text.Contains(Key)).And.OnlyContain(text => !text.Contains(Value));
    }

    private static void ShouldHaveTheKeyAlone(string text, int lines)
    {
        text.Should().NotContain(Value);
        text.Split(Key).Length.Should().BeGreaterThan(lines, "every text names the key");
    }

    [LoggerMessage(LogLevel.Warning, "A {Metadata} Z")]
    private static partial void LogTriggered(ILogger logger, BuildMetadata metadata);

    private sealed record Landed(BuildRequest Request, BuildSnapshot Snapshot, BuildMetadata Metadata);

    /// <summary>Keeps the message, and what each formatter of the console makes of it.</summary>
    private sealed class FormattingLogger(IEnumerable<ConsoleFormatter> formatters) : ILogger
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var writer = new StringWriter(_text, CultureInfo.InvariantCulture);
            writer.WriteLine(formatter(state, exception));
            var entry = new LogEntry<TState>(logLevel, "test", eventId, state, exception, formatter);
            foreach (var console in formatters)
            {
                console.Write(entry, scopeProvider: null, writer);
            }
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }

    private sealed class FormattingSink : ILogEventSink
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public void Emit(LogEvent logEvent)
        {
            using var writer = new StringWriter(_text, CultureInfo.InvariantCulture);
            logEvent.RenderMessage(writer, CultureInfo.InvariantCulture);
            writer.WriteLine();
            new JsonFormatter().Format(logEvent, writer);
        }
    }
}
