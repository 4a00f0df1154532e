namespace BuildRunner.Orchestration.Registration;

/// <summary>Marks that this process keeps deadlines and deletes expired builds.</summary>
internal sealed class StageRegistration;
