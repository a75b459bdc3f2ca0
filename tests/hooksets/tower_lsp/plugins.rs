//! A server that answers everything, and one that knows little.

use pluginkit::prelude::*;
use pluginkit_tests::{Log, pending};

use super::LanguageServer;
use super::types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, CodeAction, CodeActionResponse,
    CodeLens, ColorInformation, ColorPresentation, CompletionItem, CompletionResponse,
    DocumentDiagnosticReportResult, DocumentHighlight, DocumentLink, DocumentSymbolResponse, Error,
    FoldingRange, GotoDeclarationResponse, GotoDefinitionResponse, GotoImplementationResponse,
    GotoTypeDefinitionResponse, Hover, HoverParams, InitializeResult, InlayHint, InlineValue,
    LinkedEditingRanges, Location, Moniker, PrepareRenameResponse, ReferenceParams, Result, SelectionRange,
    SemanticTokensFullDeltaResult, SemanticTokensRangeResult, SemanticTokensResult, SignatureHelp,
    SymbolInformation, TextEdit, TypeHierarchyItem, Value, WorkspaceDiagnosticReportResult, WorkspaceEdit,
    WorkspaceSymbol,
};

/// Answers every request and notes it.
pub(crate) struct All(pub(crate) Log);

impl All {
    async fn note(&self, method: &str) {
        pending(1).await;
        self.0.push(method);
    }
}

#[extension]
impl LanguageServer for All {
    async fn initialize(&self) -> Result<InitializeResult> {
        self.note("initialize").await;
        Ok(InitializeResult("all"))
    }

    async fn initialized(&self) {
        self.note("initialized").await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.note("shutdown").await;
        Ok(())
    }

    async fn did_open(&self) {
        self.note("did_open").await;
    }

    async fn did_change(&self) {
        self.note("did_change").await;
    }

    async fn will_save(&self) {
        self.note("will_save").await;
    }

    async fn will_save_wait_until(&self) -> Result<Option<Vec<TextEdit>>> {
        self.note("will_save_wait_until").await;
        Ok(Some(vec![TextEdit("all")]))
    }

    async fn did_save(&self) {
        self.note("did_save").await;
    }

    async fn did_close(&self) {
        self.note("did_close").await;
    }

    async fn goto_declaration(&self) -> Result<Option<GotoDeclarationResponse>> {
        self.note("goto_declaration").await;
        Ok(Some(GotoDeclarationResponse("all")))
    }

    async fn goto_definition(&self) -> Result<Option<GotoDefinitionResponse>> {
        self.note("goto_definition").await;
        Ok(Some(GotoDefinitionResponse("all")))
    }

    async fn goto_type_definition(&self) -> Result<Option<GotoTypeDefinitionResponse>> {
        self.note("goto_type_definition").await;
        Ok(Some(GotoTypeDefinitionResponse("all")))
    }

    async fn goto_implementation(&self) -> Result<Option<GotoImplementationResponse>> {
        self.note("goto_implementation").await;
        Ok(Some(GotoImplementationResponse("all")))
    }

    async fn references(&self) -> Result<Option<Vec<Location>>> {
        self.note("references").await;
        Ok(Some(vec![Location("all")]))
    }

    async fn prepare_call_hierarchy(&self) -> Result<Option<Vec<CallHierarchyItem>>> {
        self.note("prepare_call_hierarchy").await;
        Ok(Some(vec![CallHierarchyItem("all")]))
    }

    async fn incoming_calls(&self) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        self.note("incoming_calls").await;
        Ok(Some(vec![CallHierarchyIncomingCall("all")]))
    }

    async fn outgoing_calls(&self) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.note("outgoing_calls").await;
        Ok(Some(vec![CallHierarchyOutgoingCall("all")]))
    }

    async fn prepare_type_hierarchy(&self) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.note("prepare_type_hierarchy").await;
        Ok(Some(vec![TypeHierarchyItem("all")]))
    }

    async fn supertypes(&self) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.note("supertypes").await;
        Ok(Some(vec![TypeHierarchyItem("all")]))
    }

    async fn subtypes(&self) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.note("subtypes").await;
        Ok(Some(vec![TypeHierarchyItem("all")]))
    }

    async fn document_highlight(&self) -> Result<Option<Vec<DocumentHighlight>>> {
        self.note("document_highlight").await;
        Ok(Some(vec![DocumentHighlight("all")]))
    }

    async fn document_link(&self) -> Result<Option<Vec<DocumentLink>>> {
        self.note("document_link").await;
        Ok(Some(vec![DocumentLink("all")]))
    }

    async fn document_link_resolve(&self) -> Result<DocumentLink> {
        self.note("document_link_resolve").await;
        Ok(DocumentLink("all"))
    }

    async fn hover(&self) -> Result<Option<Hover>> {
        self.note("hover").await;
        Ok(Some(Hover("all")))
    }

    async fn code_lens(&self) -> Result<Option<Vec<CodeLens>>> {
        self.note("code_lens").await;
        Ok(Some(vec![CodeLens("all")]))
    }

    async fn code_lens_resolve(&self) -> Result<CodeLens> {
        self.note("code_lens_resolve").await;
        Ok(CodeLens("all"))
    }

    async fn folding_range(&self) -> Result<Option<Vec<FoldingRange>>> {
        self.note("folding_range").await;
        Ok(Some(vec![FoldingRange("all")]))
    }

    async fn selection_range(&self) -> Result<Option<Vec<SelectionRange>>> {
        self.note("selection_range").await;
        Ok(Some(vec![SelectionRange("all")]))
    }

    async fn document_symbol(&self) -> Result<Option<DocumentSymbolResponse>> {
        self.note("document_symbol").await;
        Ok(Some(DocumentSymbolResponse("all")))
    }

    async fn semantic_tokens_full(&self) -> Result<Option<SemanticTokensResult>> {
        self.note("semantic_tokens_full").await;
        Ok(Some(SemanticTokensResult("all")))
    }

    async fn semantic_tokens_full_delta(&self) -> Result<Option<SemanticTokensFullDeltaResult>> {
        self.note("semantic_tokens_full_delta").await;
        Ok(Some(SemanticTokensFullDeltaResult("all")))
    }

    async fn semantic_tokens_range(&self) -> Result<Option<SemanticTokensRangeResult>> {
        self.note("semantic_tokens_range").await;
        Ok(Some(SemanticTokensRangeResult("all")))
    }

    async fn inline_value(&self) -> Result<Option<Vec<InlineValue>>> {
        self.note("inline_value").await;
        Ok(Some(vec![InlineValue("all")]))
    }

    async fn inlay_hint(&self) -> Result<Option<Vec<InlayHint>>> {
        self.note("inlay_hint").await;
        Ok(Some(vec![InlayHint("all")]))
    }

    async fn inlay_hint_resolve(&self) -> Result<InlayHint> {
        self.note("inlay_hint_resolve").await;
        Ok(InlayHint("all"))
    }

    async fn moniker(&self) -> Result<Option<Vec<Moniker>>> {
        self.note("moniker").await;
        Ok(Some(vec![Moniker("all")]))
    }

    async fn completion(&self) -> Result<Option<CompletionResponse>> {
        self.note("completion").await;
        Ok(Some(CompletionResponse("all")))
    }

    async fn completion_resolve(&self) -> Result<CompletionItem> {
        self.note("completion_resolve").await;
        Ok(CompletionItem("all"))
    }

    async fn diagnostic(&self) -> Result<DocumentDiagnosticReportResult> {
        self.note("diagnostic").await;
        Ok(DocumentDiagnosticReportResult("all"))
    }

    async fn workspace_diagnostic(&self) -> Result<WorkspaceDiagnosticReportResult> {
        self.note("workspace_diagnostic").await;
        Ok(WorkspaceDiagnosticReportResult("all"))
    }

    async fn signature_help(&self) -> Result<Option<SignatureHelp>> {
        self.note("signature_help").await;
        Ok(Some(SignatureHelp("all")))
    }

    async fn code_action(&self) -> Result<Option<CodeActionResponse>> {
        self.note("code_action").await;
        Ok(Some(CodeActionResponse("all")))
    }

    async fn code_action_resolve(&self) -> Result<CodeAction> {
        self.note("code_action_resolve").await;
        Ok(CodeAction("all"))
    }

    async fn document_color(&self) -> Result<Vec<ColorInformation>> {
        self.note("document_color").await;
        Ok(vec![ColorInformation("all")])
    }

    async fn color_presentation(&self) -> Result<Vec<ColorPresentation>> {
        self.note("color_presentation").await;
        Ok(vec![ColorPresentation("all")])
    }

    async fn formatting(&self) -> Result<Option<Vec<TextEdit>>> {
        self.note("formatting").await;
        Ok(Some(vec![TextEdit("all")]))
    }

    async fn range_formatting(&self) -> Result<Option<Vec<TextEdit>>> {
        self.note("range_formatting").await;
        Ok(Some(vec![TextEdit("all")]))
    }

    async fn on_type_formatting(&self) -> Result<Option<Vec<TextEdit>>> {
        self.note("on_type_formatting").await;
        Ok(Some(vec![TextEdit("all")]))
    }

    async fn rename(&self) -> Result<Option<WorkspaceEdit>> {
        self.note("rename").await;
        Ok(Some(WorkspaceEdit("all")))
    }

    async fn prepare_rename(&self) -> Result<Option<PrepareRenameResponse>> {
        self.note("prepare_rename").await;
        Ok(Some(PrepareRenameResponse("all")))
    }

    async fn linked_editing_range(&self) -> Result<Option<LinkedEditingRanges>> {
        self.note("linked_editing_range").await;
        Ok(Some(LinkedEditingRanges("all")))
    }

    async fn symbol(&self) -> Result<Option<Vec<SymbolInformation>>> {
        self.note("symbol").await;
        Ok(Some(vec![SymbolInformation("all")]))
    }

    async fn symbol_resolve(&self) -> Result<WorkspaceSymbol> {
        self.note("symbol_resolve").await;
        Ok(WorkspaceSymbol("all"))
    }

    async fn did_change_configuration(&self) {
        self.note("did_change_configuration").await;
    }

    async fn did_change_workspace_folders(&self) {
        self.note("did_change_workspace_folders").await;
    }

    async fn will_create_files(&self) -> Result<Option<WorkspaceEdit>> {
        self.note("will_create_files").await;
        Ok(Some(WorkspaceEdit("all")))
    }

    async fn did_create_files(&self) {
        self.note("did_create_files").await;
    }

    async fn will_rename_files(&self) -> Result<Option<WorkspaceEdit>> {
        self.note("will_rename_files").await;
        Ok(Some(WorkspaceEdit("all")))
    }

    async fn did_rename_files(&self) {
        self.note("did_rename_files").await;
    }

    async fn will_delete_files(&self) -> Result<Option<WorkspaceEdit>> {
        self.note("will_delete_files").await;
        Ok(Some(WorkspaceEdit("all")))
    }

    async fn did_delete_files(&self) {
        self.note("did_delete_files").await;
    }

    async fn did_change_watched_files(&self) {
        self.note("did_change_watched_files").await;
    }

    async fn execute_command(&self) -> Result<Option<Value>> {
        self.note("execute_command").await;
        Ok(Some(Value("all")))
    }
}

/// Knows one hover, has no references, and cannot start twice.
pub(crate) struct Words;

#[extension(tryfirst)]
impl LanguageServer for Words {
    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        pending(1).await;
        Ok((params.0 == "word").then_some(Hover("words")))
    }

    fn references(&self, _params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        Ok(None)
    }

    async fn shutdown(&self) -> Result<()> {
        Err(Error(-32600))
    }
}
